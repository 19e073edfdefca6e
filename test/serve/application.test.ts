/** What all routes share: who may ask, limits, deadlines, problem documents, metrics, the log and the OpenAPI document. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createApplication, type ApplicationParts } from '../../src/serve/application.js';
import { defineQuestion } from '../../src/serve/define-route.js';
import { limitOptions } from '../../src/serve/limits.js';
import { Metrics } from '../../src/serve/metrics.js';
import { ModelShelf } from '../../src/serve/model-shelf.js';
import { routesOf } from '../../src/serve/routes.js';
import { resolveOptions } from '../../src/option-table.js';
import { writeClickModel } from '../../src/duckdb/tables/click-model-folder.js';
import { smallModel } from '../click-model/small-model.js';
import { compass, modelFolder, openTestService, publish, type Answered } from './models.js';

let folder: string;
let asked: Awaited<ReturnType<typeof openTestService>>;

beforeAll(async () => {
  folder = await modelFolder();
  await publish(join(folder, 'compass.parquet'), compass);
  await writeClickModel(join(folder, 'clicks'), smallModel());
  asked = await openTestService(folder);
});

afterAll(async () => {
  await asked.service.close();
  await rm(folder, { recursive: true });
});

const question = { key: 'east', k: 1 };

const json = { 'content-type': 'application/json' };

describe('requests that cannot be answered', () => {
  test.each<[string, string, RequestInit, number, string, Record<string, string>?]>([
    ['an address that is not there', '/v1/nothing', {}, 404, 'not found; /openapi.json lists the routes'],
    ['another method', '/v1/neighbors', {}, 405, 'the method must be POST here, got GET', { allow: 'POST' }],
    [
      'another method of a model',
      '/v1/models/x',
      { method: 'PUT' },
      405,
      'must be GET or HEAD',
      { allow: 'GET, HEAD' },
    ],
    [
      'another type',
      '/v1/neighbors',
      { method: 'POST', body: 'key=east' },
      415,
      'Content-Type must be application/json',
    ],
    [
      'a body that is no JSON',
      '/v1/neighbors',
      { method: 'POST', body: '{"key": east}', headers: json },
      400,
      'the body must be JSON, got text that breaks off or is none',
    ],
    [
      'a body of other bytes than UTF-8',
      '/v1/neighbors',
      { method: 'POST', body: Uint8Array.of(0x22, 0xff, 0x22), headers: json },
      400,
      'the body must be UTF-8',
    ],
    [
      'a compressed body',
      '/v1/neighbors',
      { method: 'POST', body: '{}', headers: { ...json, 'content-encoding': 'gzip' } },
      415,
      'Content-Encoding must be identity',
    ],
    ['no body', '/v1/neighbors', { method: 'POST', headers: json }, 400, 'the body must be JSON, got none'],
    ['an unknown model', '/v1/models/compas', {}, 404, 'did you mean "compass"?'],
    [
      'an unknown model of a question',
      '/v1/neighbors',
      { method: 'POST', body: '{"model": "x", "key": "east"}', headers: json },
      404,
      'model must be the name of an embedding, of which compass are served, got "x"',
    ],
    [
      'an unknown version',
      '/v1/neighbors',
      { method: 'POST', body: '{"version": "x", "key": "east"}', headers: json },
      404,
      'version must be one of',
    ],
  ])('%s is a problem document', async (_, path, init, status, sentence, headers = {}) => {
    const answer = await asked.send(path, init);

    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(answer.body).toMatchObject({
      type: 'about:blank',
      status,
      detail: expect.stringContaining(sentence) as string,
    });
    for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name)).toBe(value);
  });

  test('a body above the limit is 413, with and without its length', async () => {
    const small = await openTestService(folder, { maxBody: 1024 });
    const long = JSON.stringify({ ...question, exclude: ['x'.repeat(2000)] });
    const stream = new Blob([long]).stream();
    const streamed = { method: 'POST', body: stream, duplex: 'half', headers: json } as RequestInit;

    const answers = [
      await small.post('/v1/neighbors', long, { 'content-length': String(long.length) }),
      await small.send('/v1/neighbors', streamed),
      await small.post('/v1/neighbors', question),
    ];
    await small.service.close();

    expect(answers.map(({ status }) => status)).toEqual([413, 413, 200]);
    expect(answers[0]?.body['detail']).toBe('the body must have at most 1024 bytes');
  });

  test('limits on k, keys and rows are options', async () => {
    const small = await openTestService(folder, { maxK: 3, maxKeys: 2 });

    expect((await small.post('/v1/neighbors', { key: 'east', k: 4 })).body['detail']).toContain('from 1 to 3, got 4');
    const many = await small.post('/v1/vectors', { keys: ['east', 'west', 'south'] });
    expect([many.status, many.body['detail']]).toEqual([422, 'keys must be a list of 1 to 2 keys, got 3']);
    await small.service.close();
  });
});

describe('who may ask', () => {
  test.each([
    ['127.0.0.1:8080', 200],
    ['localhost', 200],
    ['[::1]:8080', 200],
    ['127.8.8.8', 200],
    ['evil.example:8080', 403],
    ['127.0.0.1.evil.example', 403],
    ['192.168.1.7', 403],
  ])('on loopback, a Host of %s is answered with %i', async (host, status) => {
    const own = await openTestService(folder, { isLoopback: true });
    const answer = await own.get('/healthz', { host });
    await own.service.close();

    expect(answer.status).toBe(status);
  });

  test.each<[string, Record<string, string>, number]>([
    ['the token', { authorization: 'Bearer s3cret' }, 200],
    ['the token, its scheme spelled otherwise', { authorization: 'bearer s3cret' }, 200],
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer s3cret2' }, 401],
    ['a beginning of it', { authorization: 'Bearer s3cre' }, 401],
    ['another scheme', { authorization: 'Basic s3cret' }, 401],
  ])('with %s', async (_, headers, status) => {
    const own = await openTestService(folder, { token: 's3cret' });
    const answers = [
      await own.post('/v1/neighbors', question, headers),
      await own.get('/metrics', headers),
      await own.get('/openapi.json', headers),
      await own.get('/healthz', headers),
    ];
    await own.service.close();

    expect(answers.map((answer) => answer.status)).toEqual([status, status, status, 200]);
    expect(answers[0]?.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer realm="category2vec"' : null);
  });
});

describe('at the limits of time', () => {
  const slow = (respond: () => Promise<object>) =>
    defineQuestion({ path: '/slow', summary: 'Waits', request: z.strictObject({}), response: z.object({}), respond });
  /** A question that is answered when `end` is called, `count` of them at once. */
  const ask = (overrides: Partial<ApplicationParts>, count: number) => {
    const bugs: unknown[] = [];
    let end = (): void => {};
    const ended = new Promise<object>((resolve) => (end = () => resolve({})));
    const application = createApplication({
      routes: [...routesOf(resolveOptions(limitOptions, {})), slow(async () => ended)],
      shelf: new ModelShelf(folder, { keep: 2, onEvent: () => {} }),
      metrics: new Metrics([]),
      limits: resolveOptions(limitOptions, { maxConcurrent: 2 }),
      deadlineMs: undefined,
      onRequest: () => {},
      onBug: (error) => bugs.push(error),
      ...overrides,
    });
    const answers = Array.from({ length: count }, () =>
      application.fetch(new Request('http://127.0.0.1/slow', { method: 'POST', body: '{}', headers: json })),
    );
    return { application, bugs, answers, end };
  };

  test('a request beyond the most at once is 429 and says when to try again; probes are answered', async () => {
    const { answers, application, end } = ask({}, 3);
    const refused = await answers[2];
    const probe = await application.fetch(new Request('http://127.0.0.1/healthz'));
    end();

    expect([refused?.status, refused?.headers.get('retry-after'), probe.status]).toEqual([429, '1', 200]);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(application.underWay()).toBe(0);
  });

  test('a request beyond its deadline is 503, and counts as under way until its work has ended', async () => {
    const { answers, application, end } = ask({ deadlineMs: 30 }, 1);
    const late = await answers[0];

    expect(late?.status).toBe(503);
    expect(await late?.json()).toMatchObject({ detail: 'the request took longer than 0.03 s' });
    expect(application.underWay()).toBe(1);
    end();
    await turn();
    expect(application.underWay()).toBe(0);
  });

  test('a request within its deadline is answered', async () => {
    const { answers, end } = ask({ deadlineMs: 3_600_000 }, 1);
    end();

    expect((await answers[0])?.status).toBe(200);
  });

  test('a bug is 500, says nothing of itself, and is told to the log', async () => {
    const broken = slow(async () => Promise.reject(new Error('secret')));
    const { answers, bugs } = ask({ routes: [broken] }, 1);
    const answer = await answers[0];

    expect(answer?.status).toBe(500);
    expect(await answer?.text()).not.toContain('secret');
    expect(bugs).toEqual([new Error('secret')]);
  });

  test('while it drains, it is not ready, answers, and ends connections with the answer', async () => {
    const { application } = ask({}, 0);
    application.drain();
    const answer = await application.fetch(new Request('http://127.0.0.1/readyz'));

    expect([answer.status, answer.headers.get('connection')]).toEqual([503, 'close']);
    expect(await answer.json()).toMatchObject({ detail: 'the service is about to end' });
  });
});

test.each(['', ' ', 'two words', 'line\n', 'naïve'])(
  'a token that no header holds as it is, %j, is refused',
  async (token) => {
    await expect(openTestService(folder, { token })).rejects.toThrow(/^token \(CATEGORY2VEC_TOKEN\) must be letters/);
  },
);

describe('what machines ask', () => {
  test('it lives, it is ready, and a folder without a model is not', async () => {
    const empty = await modelFolder();
    const none = await openTestService(empty);

    expect(await asked.get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await asked.get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready', models: 2 } });
    expect(await none.get('/readyz')).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('no model is served') as string },
    });
    expect((await none.post('/v1/neighbors', question)).status).toBe(404);
    await none.service.close();
    await rm(empty, { recursive: true });
  });

  test('models and versions are listed with options and measures', async () => {
    const list = await asked.get('/v1/models');
    const one = await asked.get('/v1/models/compass');

    expect(list.body).toMatchObject({
      models: [
        { name: 'clicks', kind: 'click model', versions: 1, refused: [], alignment: null },
        { name: 'compass', kind: 'embedding', versions: 1, refused: [] },
      ],
    });
    expect(one.body).toMatchObject({
      name: 'compass',
      versions: [
        {
          isServed: true,
          options: { dimension: 2, seed: 1 },
          measures: { loss: 0.5 },
          categories: 6,
          dimension: 2,
          attributes: ['sun', 'letters'],
          hasOutputVectors: true,
          rule: 'output',
        },
      ],
    });
  });

  test('metrics are text that Prometheus reads: counts by route and status, buckets that add up', async () => {
    const own = await openTestService(folder);
    await own.post('/v1/neighbors', question);
    await own.post('/v1/neighbors', { key: 'nowhere' });
    await own.get('/v1/models/some-name');
    const { body, headers } = await own.get('/metrics');
    await own.service.close();
    const text = String(body['text']);

    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('category2vec_requests_total{route="/v1/neighbors",method="POST",status="200"} 1\n');
    expect(text).toContain('category2vec_requests_total{route="/v1/neighbors",method="POST",status="422"} 1\n');
    expect(text).toContain('category2vec_requests_total{route="/v1/models/{name}",method="GET",status="404"} 1\n');
    expect(text).toContain('category2vec_request_seconds_bucket{route="/v1/neighbors",le="+Inf"} 2\n');
    expect(text).toMatch(/category2vec_categories\{model="compass",version="[0-9a-f]+"\} 6\n/);
    expect(text).toMatch(/process_resident_memory_bytes \d{7,}\n/);
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\]|\\.)*",?)+\})? -?[\d.e+-]+)$/);
    }
  });

  test('the log says route, status, model and version, and no key', async () => {
    const own = await openTestService(folder);
    await own.post('/v1/neighbors', { key: 'east', exclude: ['user-4711'] });
    await own.post('/v1/neighbors', { key: 'user-4711' });
    await own.get('/v1/user-4711?user=4711');
    await own.service.close();

    expect(own.log).toMatchObject([
      { event: 'version served', model: 'clicks' },
      { event: 'version served', model: 'compass' },
      {
        event: 'request',
        route: '/v1/neighbors',
        status: 200,
        model: 'compass',
        version: expect.any(String) as string,
      },
      { event: 'request', route: '/v1/neighbors', status: 422 },
      { event: 'request', route: 'none', status: 404 },
    ]);
    expect(JSON.stringify(own.log)).not.toContain('4711');
    expect(Date.parse(String(own.log[0]?.['time']))).not.toBeNaN();
  });
});

describe('/openapi.json', () => {
  test('has every route, and each is answered as it says', async () => {
    const { body } = await asked.get('/openapi.json');
    const paths = body['paths'] as Record<string, Record<string, Operation>>;
    const requests: Record<string, () => Promise<Answered>> = {
      'POST /v1/neighbors': () => asked.post('/v1/neighbors', { keys: ['east', 'x'] }),
      'POST /v1/vectors': () => asked.post('/v1/vectors', { history: ['east', 'x'] }),
      'POST /v1/similarity': () => asked.post('/v1/similarity', { key: 'east', keys: ['west'] }),
      'POST /v1/recommend': () => asked.post('/v1/recommend', { history: ['east'] }),
      'POST /v1/predict': () =>
        asked.post('/v1/predict', { rows: [{ advertiser: 'x', hour: 1, history: [], reading: null }] }),
      'GET /v1/models': () => asked.get('/v1/models'),
      'GET /v1/models/{name}': () => asked.get('/v1/models/compass'),
      'GET /healthz': () => asked.get('/healthz'),
      'GET /readyz': () => asked.get('/readyz'),
      'GET /metrics': () => asked.get('/metrics'),
      'GET /openapi.json': () => asked.get('/openapi.json'),
    };
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );

    expect(body['openapi']).toBe('3.1.0');
    expect(documented.toSorted()).toEqual(Object.keys(requests).toSorted());
    for (const [route, request] of Object.entries(requests)) {
      const [method = '', path = ''] = route.split(' ');
      const content = paths[path]?.[method.toLowerCase()]?.responses['200']?.content ?? {};
      const [type = '', { schema } = { schema: {} }] = Object.entries(content)[0] ?? [];
      // oxlint-disable-next-line no-await-in-loop -- one after another
      const answer = await request();
      expect([route, answer.status]).toEqual([route, 200]);
      expect(answer.headers.get('content-type')).toContain(type);
      if (type !== 'application/json') continue;
      const checked = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(answer.body);
      expect([route, checked.error?.issues ?? []]).toEqual([route, []]);
    }
  });

  test('names the token where one is needed', async () => {
    const own = await openTestService(folder, { token: 's3cret' });
    const { body } = await own.get('/openapi.json', { authorization: 'Bearer s3cret' });
    await own.service.close();

    expect(body).toMatchObject({
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      paths: { '/v1/neighbors': { post: { security: [{ token: [] }] } } },
    });
  });
});

interface Operation {
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>;
}
