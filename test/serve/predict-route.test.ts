/** `/v1/predict`: rows as JSON get the probabilities that the library gives; unknown keys are told and never refused. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPredictor } from '../../src/click-model/predictor.js';
import { writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { smallModel } from '../click-model/small-model.js';
import { compass, modelFolder, openTestService, publish } from './models.js';

let folder: string;
let asked: Awaited<ReturnType<typeof openTestService>>;
const row = { advertiser: 'a', hour: 3, history: [{ category: 'b', time: 1.7e9 }], reading: ['news'] };

beforeAll(async () => {
  folder = await modelFolder();
  await publish(join(folder, 'compass.parquet'), compass);
  const spaces = [
    { column: 'advertiser', domain: 'advertiser', version: '0123456789abcdef', alignment: 'fedcba9876543210' },
  ];
  await mkdir(join(folder, 'clicks'));
  const first = smallModel(1);
  const reading = { histories: [], spaces: [{ version: 'aaaa', alignment: 'bbbb' }] };
  await writeClickModel(join(folder, 'clicks', 'v1'), {
    ...first,
    reading,
    provenance: { ...first.provenance, spaces },
  });
  asked = await openTestService(folder);
});

afterAll(async () => {
  await asked.service.close();
  await rm(folder, { recursive: true });
});

const probabilitiesOf = async (seed: number, rows: readonly object[]) => {
  const predictor = openPredictor(smallModel(seed), { threads: 1 });
  const { probabilities } = await predictor.predict(rows.map((each) => ({ ...each })));
  await predictor.close();
  return Array.from(probabilities);
};

describe('/v1/predict', () => {
  test.each([1, 100])('gives the bits of the library for %i rows, with model, version and alignment', async (count) => {
    const rows = Array.from({ length: count }, (_, i) => ({ ...row, hour: 8 + (i % 8), extra: 'not read' }));
    const { status, body } = await asked.post('/v1/predict', { rows });

    expect(status).toBe(200);
    expect(body).toEqual({
      model: 'clicks',
      version: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      alignment: 'fedcba9876543210',
      probabilities: await probabilitiesOf(1, rows),
      unknown: [],
      far: [],
    });
  });

  test('lists numbers far from those of training', async () => {
    const { status, body } = await asked.post('/v1/predict', { rows: [{ ...row, hour: 3600 }] });

    expect([status, body['far']]).toEqual([
      200,
      [{ column: 'hour', count: 1, deviations: 32, mean: 11.3, value: 3600 }],
    ]);
  });

  test('lists unknown keys by their column, and reads them as the unknown category', async () => {
    const rows = [
      { ...row, advertiser: 'new' },
      { ...row, reading: ['news', 'x', 'y'] },
      { ...row, advertiser: 'new' },
    ];
    const { status, body } = await asked.post('/v1/predict', { rows });

    expect([status, body['unknown']]).toEqual([
      200,
      [
        { column: 'advertiser', count: 2, keys: ['new'] },
        { column: 'reading', count: 2, keys: ['x', 'y'] },
      ],
    ]);
  });

  test('never refuses unknown keys, not even many that are spelled otherwise than the known ones', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ ...row, advertiser: i % 2 === 0 ? 'A' : `A${i}` }));

    expect((await asked.post('/v1/predict', { rows })).status).toBe(200);
  });

  test.each<[string, unknown, string]>([
    ['no rows', {}, 'rows must be a list of 1 to 10000 rows, got nothing'],
    ['an empty list', { rows: [] }, 'rows must be a list of 1 to 10000 rows, got 0'],
    ['a row that is a list', { rows: [row, ['a']] }, 'rows[1] must be an object such as'],
    ['a column that no row has', { rows: [{ ...row, hour: undefined }] }, 'hour'],
    ['a number that is none', { rows: [{ ...row, hour: 'noon' }] }, 'hour must be'],
    [
      'too many rows',
      { rows: Array.from({ length: 10_001 }, () => ({})) },
      'rows must be a list of 1 to 10000 rows, got 10001',
    ],
    [
      'numbers of a foreign space',
      { rows: [row], alignment: 'cccc' },
      'the numbers of rows must be of the same space as the table that the model was trained on, got alignment id cccc',
    ],
  ])('refuses %s in one sentence', async (_, body, sentence) => {
    const answer = await asked.post('/v1/predict', body);

    expect(answer.status).toBe(422);
    expect(answer.body['detail']).toContain(sentence);
  });

  test('an embedding is no click model, and says what is', async () => {
    const answer = await asked.post('/v1/predict', { model: 'compass', rows: [row] });

    expect(answer.status).toBe(404);
    expect(answer.body['detail']).toBe(
      'model must be the name of a click model, of which clicks are served, got "compass"',
    );
  });
});

test('/v1/models/{name} says which columns rows must have, and the embeddings that it was made from', async () => {
  const { body } = await asked.get('/v1/models/clicks');

  expect(body).toMatchObject({
    kind: 'click model',
    versions: [
      {
        columns: [
          { name: 'advertiser', kind: 'categorical', isTimed: false },
          { name: 'history', kind: 'list', isTimed: true },
          { name: 'reading', kind: 'list', isTimed: false },
          { name: 'hour', kind: 'numeric', isTimed: false },
        ],
        spaces: [{ column: 'advertiser', version: '0123456789abcdef', alignment: 'fedcba9876543210' }],
        options: { epochs: 2 },
      },
    ],
  });
});

test('a new version is swapped in while rows are predicted, and a broken one is refused', async () => {
  const rows = Array.from({ length: 100 }, (_, i) => ({ ...row, hour: i % 24 }));
  const expected = await Promise.all([1, 2].map((seed) => probabilitiesOf(seed, rows)));
  const asking = Array.from({ length: 30 }, async () => asked.post('/v1/predict', { rows }));
  await writeClickModel(join(folder, 'clicks', 'v2'), smallModel(2));
  await asked.service.refresh();
  const before = await Promise.all(asking);
  const after = await asked.post('/v1/predict', { rows });
  await writeFile(join(folder, 'clicks', 'v2', 'dense.safetensors'), 'broken');
  await asked.service.refresh();
  const still = await asked.post('/v1/predict', { rows });

  expect(before.map(({ status }) => status)).toEqual(Array(30).fill(200));
  for (const { body } of before) expect(expected).toContainEqual(body['probabilities']);
  expect([after.body['probabilities'], still.body['probabilities']]).toEqual([expected[1], expected[1]]);
  expect((await asked.get('/v1/models/clicks')).body['refused']).toEqual([
    { name: 'v2', reason: expect.stringContaining('dense.safetensors') as string },
  ]);
});
