import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { readClickModel, writeClickModel } from '../../../src/duckdb/tables/click-model-folder.js';
import { smallModel } from '../../click-model/small-model.js';
import { makeFolder } from '../files.js';

vi.mock('../../../src/duckdb/engine/reading-instance.js', () => {
  throw new Error('DuckDB was started');
});

test('a click model is read without DuckDB, whose library takes 36 MB of a service', async () => {
  const folder = join(makeFolder(), 'model');
  const model = smallModel();
  await writeClickModel(folder, model);

  const read = await readClickModel(folder);
  rmSync(folder, { recursive: true });

  expect(read.network).toEqual(model.network);
});
