/** Numbers of foreign spaces never meet in a table of impressions, nor in a model. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPredictor } from '../../../src/click-model/predictor.js';
import { trainClickModel } from '../../../src/click-model/train-click-model.js';
import { readClickModel, writeClickModel } from '../../../src/duckdb/tables/click-model-folder.js';
import { readImpressionsForWith } from '../../../src/duckdb/impressions/read-impressions-for.js';
import { readImpressionsWith } from '../../../src/duckdb/impressions/read-impressions.js';
import { matrixColumn, textColumn, writeParquet as writeColumns } from '../../../src/duckdb/engine/write-parquet.js';
import { writeFeatures } from '../../../src/duckdb/tables/write-features.js';
import { align } from '../../../src/embedding/align.js';
import { Embedding } from '../../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../../src/histories/from-arrays.js';
import { Random } from '../../../src/numerics/random.js';
import { Vocabulary } from '../../../src/vocabulary.js';
import { runCommand } from '../../cli/harness.js';
import { makeFolder, writeParquet, writeText } from '../files.js';

const folder = makeFolder();
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const users = Array.from({ length: 30 }, (_, i) => `u${i}`);
const histories = historiesFromArrays(
  users.flatMap((user) => [user, user]),
  users.flatMap((_, i) => [`c${i % 5}`, `c${(i + 2) % 5}`]),
  { keepKeys: true },
);

function embeddingOf(seed: number): Embedding {
  const random = new Random(seed);
  const keys = ['c0', 'c1', 'c2', 'c3', 'c4'];
  return new Embedding({
    vocabulary: new Vocabulary(keys, Float64Array.of(5, 4, 3, 2, 1)),
    dimension: 2,
    vectors: Float32Array.from({ length: 10 }, () => random.uniform() - 0.5),
  });
}

const embedding = embeddingOf(1);
const foreign = embeddingOf(2);
const aligned = align(embeddingOf(3), embedding).embedding;
const [own, later, other] = ['own', 'later', 'other'].map((name) => at(`${name}.parquet`));
const joined = (features = ''): string =>
  `SELECT i.*, f.mean[1] AS first, f.mean[2] AS second FROM '${at('shown.csv')}' i JOIN '${features}' f USING (who)`;
const columns = { label: 'hit', categorical: ['ad'], numeric: ['first', 'second'] };

beforeAll(async () => {
  for (const [path = '', each] of [
    [own, embedding],
    [later, aligned],
    [other, foreign],
  ] as const) {
    await writeFeatures(path, { histories, embedding: each }, { keyName: 'who' });
  }
  const rows = Array.from({ length: 120 }, (_, i) => `u${i % 30},${'abc'[i % 3]},${(i >> 1) % 2}`);
  writeText(folder, 'shown.csv', ['who,ad,hit', ...rows, ''].join('\n'));
  const impressions = await readImpressionsWith({ sql: joined(own) }, columns);
  const split = { training: Uint32Array.from({ length: 80 }, (_, i) => i), validation: Uint32Array.of(81, 82, 83, 84) };
  const { model } = await trainClickModel({ impressions, split }, { epochs: 1, hidden: [4], threads: 1 });
  await writeClickModel(at('model'), model);
});

describe('a click model', () => {
  test('remembers the spaces of the features that it read', async () => {
    const { version, alignment } = embedding;
    expect((await readClickModel(at('model'))).reading?.spaces).toEqual([{ version, alignment }]);
  });

  test('reads features of the same and of an aligned embedding, refuses foreign ones in one sentence', async () => {
    const model = await readClickModel(at('model'));
    for (const features of [own, later]) {
      expect((await readImpressionsForWith(model, { sql: joined(features) })).count).toBe(120);
    }
    await expect(readImpressionsForWith(model, { sql: joined(other) })).rejects.toThrow(
      'other.parquet must be of the same space as the table that the model was trained on, got alignment id ' +
        `${foreign.alignment} and ${embedding.alignment}, whose numbers mean nothing beside each other; make ` +
        'it with an embedding of that space or one trained with --align-to it, or train the model anew',
    );
    const predicted = await runCommand(['click', 'predict', at('model'), '--sql', joined(other), '--out', at('p.csv')]);
    expect(predicted.exitCode).toBe(2);
    expect(predicted.stderr).toContain('other.parquet must be of the same space');
  });

  test('refuses nothing where files say nothing of their space', async () => {
    const model = await readClickModel(at('model'));
    const plain = await writeParquet(folder, 'plain.parquet', `FROM '${other}'`);
    expect((await readImpressionsForWith(model, { sql: joined(plain) })).count).toBe(120);
    // another program may call something of its own a version
    await writeColumns(
      at('named.parquet'),
      [textColumn('who', users), matrixColumn('mean', new Float32Array(2 * users.length), 2)],
      { rows: users.length, metadata: { version_id: 'v1', alignment_id: 'v1' } },
    );
    expect((await readImpressionsForWith(model, { sql: joined(at('named.parquet')) })).count).toBe(120);
    const predictor = openPredictor(model, { threads: 1 });
    const { probabilities } = await predictor.predict([{ ad: 'a', first: 0.1, second: 0 }]);
    await predictor.close();
    expect(probabilities).toHaveLength(1);
  });
});

describe('a table of impressions', () => {
  test('must not be made of features of foreign spaces', async () => {
    const sql = `${joined(own)} UNION ALL ${joined(other)}`;
    await expect(readImpressionsWith({ sql }, columns)).rejects.toThrow(
      'other.parquet must be of the same space as own.parquet',
    );
    const aligned = await readImpressionsWith({ sql: `${joined(own)} UNION ALL ${joined(later)}` }, columns);
    expect(aligned.reading?.spaces).toHaveLength(2);
    // which columns are read decides: none of these is a number of a space
    expect((await readImpressionsWith({ sql }, { label: 'hit', categorical: ['ad'] })).reading?.spaces).toBeUndefined();
  });

  test('of which columns share a table takes one embedding for it', async () => {
    const shared = { label: 'hit', categorical: ['ad', 'who'], share: [['ad', 'who']] };
    const impressions = await readImpressionsWith(at('shown.csv'), shared);
    const ads = (seed: number) => {
      const { dimension, vectors } = embeddingOf(seed);
      return new Embedding({
        vocabulary: new Vocabulary(['a', 'b', 'c', 'u1', 'u2'], Float64Array.of(5, 4, 3, 2, 1)),
        dimension,
        vectors,
      });
    };
    const split = {
      training: Uint32Array.from({ length: 80 }, (_, i) => i),
      validation: Uint32Array.of(81, 82, 83, 84),
    };
    const train = (first: number, second: number) =>
      trainClickModel(
        {
          impressions,
          split,
          transfers: [
            { column: 'ad', embedding: ads(first) },
            { column: 'who', embedding: ads(second) },
          ],
        },
        { transfer: 'init', epochs: 1, hidden: [4], threads: 1 },
      );
    await expect(train(1, 2)).rejects.toThrow(
      /the embedding of who must be of the same space as the embedding of ad, .*; ad and who share one table: give it one of the two$/,
    );
    await expect(train(1, 1)).resolves.toBeDefined();
  });
});
