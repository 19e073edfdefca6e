/**
 * Versions of models: new ones are checked and swapped in, broken ones reported, old ones kept, and no request fails
 * meanwhile.
 */
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { compass, drawEmbedding, modelFolder, openTestService, publish } from './models.js';

let folder: string;
let own: Awaited<ReturnType<typeof openTestService>>;
const first = drawEmbedding(1, 40, 8);
const second = drawEmbedding(2, 40, 8);
const third = drawEmbedding(3, 40, 8);

beforeEach(async () => {
  folder = await modelFolder();
});

afterEach(async () => {
  await own.service.close();
  await rm(folder, { recursive: true });
});

const events = () =>
  own.log.filter(({ event }) => String(event).startsWith('version')).map(({ event, name }) => `${event}: ${name}`);
const nearest = async (body: object = {}) => {
  const answer = await own.post('/v1/neighbors', { key: 'c0', k: 1, ...body });
  return answer.status === 200 ? (answer.body['neighbors'] as { category: string }[])[0]?.category : answer.status;
};
const nearestIn = (embedding: typeof first) => embedding.nearest('c0', 1)[0]?.category;

test('an embedding of many categories is searched by clusters where that is asked for, and says with which recall', async () => {
  await publish(
    join(folder, 'large.parquet'),
    drawEmbedding(4, 3000, 4, {
      attributes: new Map([['parity', Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? 'even' : 'odd'))]]),
    }),
  );
  await publish(join(folder, 'small.parquet'), first);
  own = await openTestService(folder, { approximateFrom: 3000 });
  const { body } = await own.get('/v1/models');
  const large = await own.get('/v1/models/large');
  const ask = async (more: object) => (await own.post('/v1/neighbors', { model: 'large', key: 'c7', ...more })).body;

  const recall = expect.closeTo(0.95, 0);
  expect(body['models']).toMatchObject([{ name: 'large', recall }, { name: 'small' }]);
  expect((body['models'] as object[])[1]).not.toHaveProperty('recall');
  expect(large.body['versions']).toMatchObject([{ approximate: { recall, visited: expect.any(Number) } }]);
  expect(own.log.find(({ event, model }) => event === 'version served' && model === 'large')).toMatchObject({ recall });
  expect(await ask({})).toMatchObject({ recall, neighbors: expect.any(Array) });
  expect(await ask({ where: { parity: 'odd' } })).not.toHaveProperty('recall');
  expect((await own.post('/v1/recommend', { model: 'large', history: ['c7'] })).body).toMatchObject({ recall });
});

describe('a folder of models', () => {
  test('files are models, folders of files or of folders hold versions, the last by name is served', async () => {
    await publish(join(folder, 'alone.parquet'), first);
    await publish(join(folder, 'files', 'v9.parquet'), first);
    await publish(join(folder, 'files', 'v10.parquet'), second);
    await publish(join(folder, 'folders', '2026-01-02', 'anything.parquet'), third);
    await publish(join(folder, 'folders', '2026-01-01', 'anything.parquet'), first);
    await writeFile(join(folder, 'README.md'), 'models');
    await mkdir(join(folder, 'empty'));
    own = await openTestService(folder);

    const { body } = await own.get('/v1/models');
    const versions = async (name: string) =>
      ((await own.get(`/v1/models/${name}`)).body['versions'] as { name: string }[]).map((version) => version.name);

    expect((body['models'] as { name: string }[]).map(({ name }) => name)).toEqual(['alone', 'files', 'folders']);
    expect(await versions('files')).toEqual(['v10', 'v9']);
    expect(await versions('folders')).toEqual(['2026-01-02', '2026-01-01']);
    expect(await nearest({ model: 'files' })).toBe(nearestIn(second));
    expect(await nearest({ model: 'files', version: 'v9' })).toBe(nearestIn(first));
    expect(await nearest({ model: 'folders' })).toBe(nearestIn(third));
    expect((await own.post('/v1/neighbors', { key: 'c0' })).body).toMatchObject({
      status: 422,
      detail: 'model must be one of alone, files, folders, got nothing',
    });
    expect(events()).toContain('version passed over: README.md');
    expect(events()).toContain('version passed over: empty');
  });

  test('of many versions the newest are opened, as many as are to be kept', async () => {
    for (const [name, embedding] of Object.entries({ v1: first, v2: second, v3: third })) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await publish(join(folder, 'ads', `${name}.parquet`), embedding);
    }
    own = await openTestService(folder, { keep: 2 });
    const { versions } = (await own.get('/v1/models/ads')).body as { versions: { name: string }[] };

    expect(versions.map(({ name }) => name)).toEqual(['v3', 'v2']);
  });

  test('a new file and a replaced one are served from the next look on; the version before stays, and no third', async () => {
    await publish(join(folder, 'ads.parquet'), first);
    own = await openTestService(folder, { keep: 2 });
    const { version } = (await own.post('/v1/neighbors', { key: 'c0' })).body as { version: string };
    await publish(join(folder, 'ads.parquet'), second);
    await own.service.refresh();
    const answers = [await nearest(), await nearest({ version })];
    await publish(join(folder, 'ads.parquet'), third);
    await own.service.refresh();

    expect(answers).toEqual([nearestIn(second), nearestIn(first)]);
    expect([await nearest(), await nearest({ version })]).toEqual([nearestIn(third), 404]);
    expect(events()).toEqual(Array(3).fill('version served: ads'));
  });

  test('a file that is written once more as it was does not close the version before', async () => {
    await publish(join(folder, 'ads.parquet'), first);
    own = await openTestService(folder, { keep: 2 });
    const { version } = (await own.post('/v1/neighbors', { key: 'c0' })).body as { version: string };
    for (const embedding of [second, second]) {
      await publish(join(folder, 'ads.parquet'), embedding);
      await own.service.refresh();
    }

    expect([await nearest(), await nearest({ version })]).toEqual([nearestIn(second), nearestIn(first)]);
  });

  test.each<[string, (path: string) => Promise<void>, string]>([
    [
      'a truncated file',
      async (path) => {
        await writeEmbedding(path, second);
        await truncate(path, 500);
      },
      'cannot read',
    ],
    ['a file that is none', async (path) => writeFile(path, 'not Parquet'), 'cannot read'],
    ['an empty file', async (path) => writeFile(path, ''), 'cannot read'],
  ])('%s is reported and not served, the version before is, and a fixed one is taken', async (_, breakIt, reason) => {
    await publish(join(folder, 'ads', 'v1.parquet'), first);
    own = await openTestService(folder);
    await breakIt(join(folder, 'ads', 'v2.parquet'));
    await own.service.refresh();
    await own.service.refresh();
    const { body } = await own.get('/v1/models/ads');

    expect(await nearest()).toBe(nearestIn(first));
    expect(body['refused']).toEqual([{ name: 'v2', reason: expect.stringContaining(reason) as string }]);
    expect(events()).toEqual(['version served: v1', 'version refused: v2']);
    await publish(join(folder, 'ads', 'v2.parquet'), second);
    await own.service.refresh();
    expect(await nearest()).toBe(nearestIn(second));
    expect((await own.get('/v1/models/ads')).body['refused']).toEqual([]);
  });

  test('a broken file in the place of the served one is reported, and the served one stays', async () => {
    await publish(join(folder, 'ads.parquet'), first);
    own = await openTestService(folder);
    await writeFile(join(folder, 'ads.parquet'), 'not Parquet');
    await own.service.refresh();

    expect(await nearest()).toBe(nearestIn(first));
    expect(events()).toEqual(['version served: ads', 'version refused: ads']);
  });

  test('a file that is away for one look is still served, and no more after two', async () => {
    await publish(join(folder, 'ads.parquet'), first);
    own = await openTestService(folder);
    await rm(join(folder, 'ads.parquet'));
    await own.service.refresh();
    const away = await nearest();
    await copyFileFrom(second, join(folder, 'ads.parquet'));
    await own.service.refresh();
    const back = await nearest();
    await rm(join(folder, 'ads.parquet'));
    await own.service.refresh();
    await own.service.refresh();

    expect([away, back, await nearest()]).toEqual([nearestIn(first), nearestIn(second), 404]);
    expect(events().at(-1)).toBe('version removed: ads');
  });

  test('to remove the newest version is to go back to the one before', async () => {
    await publish(join(folder, 'ads', 'v1.parquet'), first);
    await publish(join(folder, 'ads', 'v2.parquet'), second);
    own = await openTestService(folder);
    await rm(join(folder, 'ads', 'v2.parquet'));
    await own.service.refresh();
    const atOnce = await nearest();
    await own.service.refresh();

    expect([atOnce, await nearest()]).toEqual([nearestIn(second), nearestIn(first)]);
  });

  test('a key that a reason quotes stands under /v1/models and not in the log', async () => {
    const { vocabulary, vectors, dimension } = compass;
    await publish(join(folder, 'ads.parquet'), first);
    own = await openTestService(folder);
    await rm(folder, { recursive: true });
    await own.service.refresh();
    await own.service.refresh();
    await mkdir(folder);
    await publish(join(folder, 'zero.parquet'), drawEmbedding(1, 0, 2, { vectors: new Float32Array() }));
    await own.service.refresh();

    expect(vocabulary.size * dimension).toBe(vectors.length);
    expect((await own.get('/v1/models/zero')).body['refused']).toMatchObject([
      { reason: expect.stringContaining('zero.parquet') as string },
    ]);
    expect(own.log.at(-2)).toMatchObject({ event: 'version refused', level: 'error' });
  });
});

test('under load, with a new version every moment, no request fails, and each answer is of one version', async () => {
  const embeddings = [first, second, third];
  const expected = new Set(embeddings.map(nearestIn));
  await publish(join(folder, 'ads.parquet'), first);
  own = await openTestService(folder);
  const served = new Set<unknown>();
  const state = { answered: 0, isDone: false, isFailed: false };
  const ask = async (): Promise<void> => {
    while (!state.isDone) {
      // oxlint-disable-next-line no-await-in-loop -- one request after another
      const { status, body } = await own.post('/v1/neighbors', { key: 'c0', k: 1 });
      const found = body['neighbors'] as { category: string }[];
      if (status !== 200 || !expected.has(found[0]?.category)) throw new Error(JSON.stringify(body));
      served.add(body['version']);
      state.answered++;
      // oxlint-disable-next-line no-await-in-loop
      await pause(0);
    }
  };
  const asking = Promise.all(Array.from({ length: 8 }, ask)).finally(() => (state.isFailed = true));
  asking.catch(() => undefined);
  for (let swap = 1; swap <= 6; swap++) {
    // oxlint-disable-next-line no-await-in-loop
    await publish(join(folder, 'ads.parquet'), embeddings[swap % 3] ?? first);
    // oxlint-disable-next-line no-await-in-loop
    await own.service.refresh();
    const enough = state.answered + 30;
    // oxlint-disable-next-line no-await-in-loop -- the new version answers, too; where one asker fails, all would wait
    while (state.answered < enough && !state.isFailed) await pause(1);
  }
  state.isDone = true;
  await asking;

  expect(served.size).toBe(3);
  expect(state.answered).toBeGreaterThanOrEqual(180);
});

async function copyFileFrom(embedding: typeof first, path: string): Promise<void> {
  await publish(join(folder, '.elsewhere.parquet'), embedding);
  await copyFile(join(folder, '.elsewhere.parquet'), path);
}
