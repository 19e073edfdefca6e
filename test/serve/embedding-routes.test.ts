/** What an embedding is asked over HTTP: every answer names its model, version and rungs, and lists what is unknown. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compass, modelFolder, openTestService, publish } from './models.js';

let folder: string;
let asked: Awaited<ReturnType<typeof openTestService>>;

beforeAll(async () => {
  folder = await modelFolder();
  await publish(join(folder, 'compass.parquet'), compass);
  asked = await openTestService(folder);
});

afterAll(async () => {
  await asked.service.close();
  await rm(folder, { recursive: true });
});

const names = (list: unknown) => (list as { category: string }[]).map(({ category }) => category);

describe('/v1/neighbors', () => {
  test('answers a key with model, version, alignment, rungs, counts and attributes', async () => {
    const { status, body } = await asked.post('/v1/neighbors', { key: 'east', k: 1 });

    expect(status).toBe(200);
    expect(body).toEqual({
      model: 'compass',
      version: expect.stringMatching(/^[0-9a-f]{16,}$/) as string,
      alignment: expect.stringMatching(/^[0-9a-f]{16,}$/) as string,
      category: 'east',
      origin: 'learned',
      neighbors: [
        {
          category: '東',
          similarity: compass.similarity('east', '東'),
          count: 10,
          origin: 'learned',
          sun: 'rise',
          letters: 1,
        },
      ],
      unknown: [],
    });
  });

  test.each<[string, object, string[], string[]]>([
    ['a vector', { vector: [0, 2], k: 2 }, ['north', 'northeast'], []],
    ['a history, its own left out', { history: ['east', 'nowhere', '東'], k: 1 }, ['northeast'], ['nowhere']],
    ['a history with weights', { history: ['east', 'south'], weights: [0, 1], k: 1 }, ['west'], []],
    ['like and unlike', { like: ['north'], unlike: ['east', 'nowhere'], k: 1 }, ['west'], ['nowhere']],
    ['within', { key: 'east', within: 'sun' }, ['東', 'northeast'], []],
    ['within a value', { vector: [1, 0], within: { attribute: 'sun', value: 'set' } }, ['west'], []],
    ['attribute filters', { key: 'east', where: { letters: [5, 9], sun: 'noon' } }, ['south'], []],
    ['exclude', { key: 'east', exclude: ['東', 'gone'], k: 1 }, ['northeast'], ['gone']],
  ])('takes %s', async (_, body, expected, unknown) => {
    const answer = await asked.post('/v1/neighbors', body);

    expect([answer.status, names(answer.body['neighbors']), answer.body['unknown']]).toEqual([200, expected, unknown]);
  });

  test('refuses a filter by __proto__, which a schema passes over', async () => {
    const where: unknown = JSON.parse('{ "__proto__": "noon" }');

    expect(await asked.post('/v1/neighbors', { key: 'east', where })).toMatchObject({
      status: 422,
      body: { detail: 'a name in the body must not be __proto__; leave it out' },
    });
  });

  test('takes a vector that names its own space', async () => {
    const { vectors, alignment } = (await asked.post('/v1/vectors', { key: 'east' })).body as {
      vectors: { vector: number[] }[];
      alignment: string;
    };
    const { status } = await asked.post('/v1/neighbors', { vector: vectors[0]?.vector, alignment });
    expect(status).toBe(200);
  });

  test('asks each of several keys for itself, and lists the unknown ones', async () => {
    const { body } = await asked.post('/v1/neighbors', { keys: ['east', 'nowhere', 'west'], k: 1 });

    expect(body['queries']).toMatchObject([
      { category: 'east', neighbors: [{ category: '東' }] },
      { category: 'west', neighbors: [{ category: 'north' }] },
    ]);
    expect(body['unknown']).toEqual(['nowhere']);
  });

  test.each<[string, object, string, string[]?]>([
    [
      'an unknown key, with the closest spellings',
      { key: 'eats' },
      'category must be one of the embedding\'s 6, got "eats"; did you mean "east"',
      ['eats'],
    ],
    [
      'a history of unknown ones',
      { history: ['x', 'y'] },
      'history must hold a category of the embedding, got 2 unknown ones',
      ['x', 'y'],
    ],
    [
      'two ways at once',
      { key: 'east', vector: [1, 0] },
      'the body must have one of key, keys, vector, history, like, unlike, got key and vector',
    ],
    ['no way', {}, 'got none of them'],
    ['k above the limit', { key: 'east', k: 1001 }, 'k must be a whole number from 1 to 1000, got 1001'],
    ['k that is no number', { key: 'east', k: '3' }, 'k must be a whole number from 1 to 1000, got "3"'],
    ['a field that is not there', { key: 'east', kk: 3 }, 'kk is not a field; the fields are model, version, key,'],
    ['a vector of another length', { vector: [1, 2, 3] }, 'query must be a vector of 2 numbers, got 3'],
    ['a vector of texts', { vector: ['1', 2] }, 'vector[0] must be a number, got "1"'],
    [
      'a vector of a foreign space',
      { vector: [1, 0], alignment: 'feedfeedfeedfeed' },
      'the vector must be of the same space as compass, got alignment id feedfeedfeedfeed and',
    ],
    ['an alignment without a vector', { key: 'east', alignment: 'x' }, 'alignment must stand beside a vector'],
    ['weights without a history', { key: 'east', weights: [1] }, 'weights must stand beside a history'],
    [
      'weights of another number',
      { history: ['east'], weights: [1, 2] },
      'weights must have one value for each of the 1 categories, got 2',
    ],
    ['a negative weight', { history: ['east'], weights: [-1] }, 'weights[0] must be a number ≥ 0, got -1'],
    [
      'an attribute that is not there',
      { key: 'east', within: 'snu' },
      'within must be one of the embedding\'s (sun, letters), got "snu"; did you mean "sun"?',
    ],
    [
      'a value that is not there',
      { key: 'east', where: { sun: 'moon' } },
      'where.sun must be a value of sun, got "moon"',
    ],
    ['a list for a key', { key: ['east'] }, 'key must be text, got a list'],
    ['a list', [], 'the body must be a JSON object'],
  ])('refuses %s', async (_, body, sentence, unknown) => {
    const answer = await asked.post('/v1/neighbors', body);

    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ type: 'about:blank', title: 'Unprocessable Entity', status: 422 });
    expect(answer.body['detail']).toContain(sentence);
    expect(answer.body['unknown']).toEqual(unknown);
  });
});

test.each<[string, string, object]>([
  ['/v1/neighbors', 'query must have a direction, got zeros alone', { vector: [0, 0] }],
  ['/v1/similarity', 'query must have a direction, got zeros alone', { vector: [1e-300, 0], keys: ['east'] }],
  ['/v1/vectors', 'weights must be at most 1e+100', { history: ['east', 'north'], weights: [1e308, 1e308] }],
  ['/v1/recommend', 'weights must be at most 1e+100', { history: ['east', 'north'], weights: [1e308, 1e308] }],
])('%s refuses what has no direction: %s', async (path, sentence, body) => {
  const answer = await asked.post(path, body);

  expect([answer.status, answer.body['detail']]).toEqual([422, expect.stringContaining(sentence)]);
});

describe('/v1/vectors', () => {
  test('gives numbers, or the same in base64, with the rung of each, and lists unknown keys', async () => {
    const numbers = await asked.post('/v1/vectors', { keys: ['west', 'nowhere', 'north'] });
    const base64 = await asked.post('/v1/vectors', { key: '東', encoding: 'base64' });
    const [encoded] = base64.body['vectors'] as { vector: string }[];

    expect(numbers.body).toMatchObject({
      dimension: 2,
      vectors: [
        { category: 'west', origin: 'learned', vector: [-3, 0] },
        { category: 'north', origin: 'learned', vector: [0, 1] },
      ],
      unknown: ['nowhere'],
    });
    const bytes = Buffer.from(encoded?.vector ?? '', 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4), bytes.length]).toEqual([5, 0.5, 8]);
  });

  test('gives the mean of a history, unit vectors, output vectors', async () => {
    const vectorOf = async (body: object) =>
      ((await asked.post('/v1/vectors', body)).body['vectors'] as { vector: number[]; origin: string }[])[0];

    expect(await vectorOf({ history: ['east', 'north', 'x'], weights: [1, 3, 5] })).toEqual({
      category: null,
      origin: 'mean of the history',
      vector: [0.5, 0.75],
    });
    expect((await vectorOf({ key: 'west', normalize: true }))?.vector).toEqual([-1, 0]);
    expect((await vectorOf({ key: 'west', matrix: 'output vectors' }))?.vector).toEqual([7, 0]);
  });
});

test('/v1/similarity compares a key, a vector or a history with some categories', async () => {
  const similarities = async (body: object) => {
    const answer = await asked.post('/v1/similarity', { keys: ['north', 'nowhere', 'west'], ...body });
    return [answer.body['similarities'], answer.body['unknown']];
  };
  const expected = (north: number, west: number) => [
    { category: 'north', similarity: north, origin: 'learned' },
    { category: 'west', similarity: west, origin: 'learned' },
  ];

  expect(await similarities({ key: 'east' })).toEqual([expected(0, -1), ['nowhere']]);
  expect(await similarities({ vector: [0, 3] })).toEqual([expected(1, 0), ['nowhere']]);
  expect(await similarities({ history: ['south', 'x'] })).toEqual([expected(-1, 0), ['x', 'nowhere']]);
  expect((await asked.post('/v1/similarity', { key: 'east' })).body['detail']).toContain('keys must be a list of 1 to');
});

describe('/v1/recommend', () => {
  test('ranks by the stored rule, leaves the own ones out and lists unknown ones', async () => {
    const { body } = await asked.post('/v1/recommend', { history: ['north', 'nowhere'], k: 2 });

    expect(body).toMatchObject({ model: 'compass', rule: 'output', unknown: ['nowhere'] });
    expect(body['recommendations']).toMatchObject([
      { category: 'northeast', score: 9, origin: 'learned' },
      { category: '東', score: 2, origin: 'learned' },
    ]);
  });

  test.each<[string, object, string[]]>([
    ['weights', { history: ['north', 'east'], weights: [1, 9], rule: 'cosine', k: 1 }, ['東']],
    ['like and unlike', { history: ['north'], like: ['northeast'], unlike: ['west'], rule: 'cosine', k: 1 }, ['東']],
    ['filters', { history: ['east'], rule: 'cosine', where: { sun: 'noon' } }, ['south']],
    ['exclude', { history: ['east'], rule: 'cosine', exclude: ['東'], k: 1 }, ['northeast']],
  ])('takes %s', async (_, body, expected) => {
    expect(names((await asked.post('/v1/recommend', body)).body['recommendations'])).toEqual(expected);
  });

  test.each<[string, object, string]>([
    ['nothing', {}, 'history must hold a category of the embedding, got an empty one'],
    ['unknown ones alone', { history: ['x'], like: ['y'] }, 'got 2 unknown ones'],
    [
      'an unknown rule',
      { history: ['east'], rule: 'dot' },
      'rule must be one of cosine, output, cosinePopularity, got "dot"',
    ],
    ['one in like and unlike', { like: ['east'], unlike: ['east'] }, 'got "east" in both'],
  ])('refuses %s', async (_, body, sentence) => {
    const answer = await asked.post('/v1/recommend', body);

    expect(answer.status).toBe(422);
    expect(answer.body['detail']).toContain(sentence);
  });
});

test('neighbors have the confidence of the library, and the rung that the file names', async () => {
  const own = await modelFolder();
  const chance = { levels: [2, 1, 0.1], asked: 100, bands: [{ least: 0, similarities: [0.1, 0.5, 0.9] }] };
  const origin = ['learned', 'learned', 'shrunk', 'mean', 'from attributes', 'value mean'];
  const filled = compass.with({ provenance: { chance }, attributes: new Map([['origin', origin]]) });
  await publish(join(own, 'filled.parquet'), filled);
  const { service, post } = await openTestService(own);
  const neighbors = (await post('/v1/neighbors', { key: 'east', k: 5 })).body['neighbors'];
  const vectors = (await post('/v1/vectors', { keys: ['west', 'south'] })).body['vectors'];
  await service.close();
  await rm(own, { recursive: true });

  const expected = filled.nearest('east', 5);
  expect(expected[0]?.confidence).toBeGreaterThan(0);
  expect(neighbors).toMatchObject(
    expected.map(({ category, confidence, attributes }) => ({ category, confidence, origin: attributes['origin'] })),
  );
  expect(vectors).toMatchObject([{ origin: 'mean' }, { origin: 'from attributes' }]);
});
