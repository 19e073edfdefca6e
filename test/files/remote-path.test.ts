import { expect, test } from 'vitest';
import { remoteError } from '../../src/files/remote-path.js';

test.each([
  ['s3://bucket/clicks.parquet', /aws s3 cp .* or read it in place by DuckDB's extensions/],
  ['https://host/clicks.csv', /curl .* or read it in place/],
  ['abfss://c@host/clicks.parquet', /azcopy copy, or read it in place/],
  ['hdfs://node/clicks.parquet', /such as by hdfs dfs -get hdfs:\/\/node\/clicks\.parquet \.$/],
  ['mysql://host/db', /mysql --batch .*clicks\.tsv$/],
  ['kafka://host/clicks', /copy the data into a file first$/],
])('%s names extensions only where DuckDB has one', (address, message) => {
  expect(remoteError(address, { canExtend: true }).message).toMatch(message);
});
