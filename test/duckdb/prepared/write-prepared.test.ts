import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ShardWriter, writePreparedFolder } from '../../../src/duckdb/prepared/write-prepared.js';
import { withEngine } from '../../../src/duckdb/engine/connection.js';
import { makeFolder } from '../files.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

test('a shard that cannot be written is told of the folder that was asked for, not of the log that is read', async () => {
  const out = join(folder, 'histories');
  const shard = {
    keys: ['u'],
    items: Int32Array.of(0),
    offsets: Uint32Array.of(0, 1),
    times: undefined,
    weights: undefined,
  };
  const writing = writePreparedFolder(out, {}, (place) =>
    withEngine({}, { source: 'clicks.parquet' }, async () => {
      rmSync(place.into, { recursive: true });
      await new ShardWriter(place).write(shard);
    }),
  );

  await expect(writing).rejects.toThrow(`cannot write ${JSON.stringify(out)}`);
});
