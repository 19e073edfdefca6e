/** Connections that stall or end in the middle of a body, and what others are answered meanwhile. */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listen } from '../../src/serve/listen.js';
import { compass, modelFolder, openTestService, publish } from './models.js';

let folder: string;

beforeAll(async () => {
  folder = await modelFolder();
  await publish(join(folder, 'compass.parquet'), compass);
});

afterAll(() => rm(folder, { recursive: true }));

const json = { 'content-type': 'application/json' };
const question = { key: 'east', k: 1 };
const patience = { timeout: 60_000 };

describe('bodies that do not come', () => {
  // what a connection brings that stalls or ends in the middle of a body
  const head = (length: string) =>
    `POST /v1/neighbors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
  const told = head('Content-Length: 20');
  const inPieces = head('Transfer-Encoding: chunked');
  type Own = Awaited<ReturnType<typeof openTestService>> & Awaited<ReturnType<typeof listen>>;
  let hasty: Own;
  let patient: Own;

  beforeAll(async () => {
    const open = async (deadline: string): Promise<Own> => {
      const own = await openTestService(folder, { maxConcurrent: 2, deadline });
      return { ...own, ...(await listen(own.service, { host: '127.0.0.1', port: 0, drainMs: 100 })) };
    };
    [hasty, patient] = await Promise.all([open('0.2s'), open('1h')]);
  });
  afterAll(() => Promise.all([hasty.close(), patient.close()]));

  const connection = async ({ url }: Own, text: string) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a body of two lengths', told.replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\n'), 400],
    ['headers without end', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('a connection that brings %s is told so by a problem document', async (_, text, status) => {
    const socket = await connection(patient, text);
    let answer = '';
    for await (const part of socket) answer += String(part);
    const [head = '', body = ''] = answer.split('\r\n\r\n');

    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*Content-Type: application/problem\\+json`));
    expect(JSON.parse(body)).toMatchObject({ status, detail: expect.stringMatching(/^the (request|headers) must /) });
  });

  test.each([
    ['of a known length', told],
    ['in pieces', inPieces],
  ])('one %s that never ends is 503 at the deadline, and its place is free again', async (_, text) => {
    for (let i = 0; i < 3; i++) {
      const socket = await connection(hasty, text);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1.1 503 /);
      socket.destroy();
    }

    expect(hasty.service.underWay()).toBe(0);
    expect((await hasty.get('/healthz')).status).toBe(200);
    expect((await patient.post('/v1/neighbors', question)).status).toBe(200);
  });

  test.each([
    ['of a known length', told],
    ['in pieces', inPieces],
  ])('one %s that breaks off is no bug of ours, and its place is free again', async (_, text) => {
    const { service, log } = patient;
    log.length = 0;
    for (let i = 0; i < 3; i++) {
      const socket = await connection(patient, text);
      await vi.waitFor(() => expect(service.underWay()).toBe(1), patience);
      socket.destroy();
      await vi.waitFor(() => expect(log).toHaveLength(i + 1), patience);
    }

    expect(service.underWay()).toBe(0);
    expect(log).toMatchObject(Array.from({ length: 3 }, () => ({ event: 'request', level: 'info', status: 400 })));
  });

  test('a request without a Host is answered with a problem document', async () => {
    const socket = await connection(patient, 'GET /healthz HTTP/1.0\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();

    expect(answer.toString()).toMatch(
      /^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"status":400,"detail":"the request must/,
    );
  });
});

test('/metrics and /v1/models are answered while as many questions as may be are under way', async () => {
  const own = await openTestService(folder, { maxConcurrent: 1, deadline: '1h' });
  let end = (): void => {};
  const body = new ReadableStream({ start: (controller) => void (end = () => controller.close()) });
  const stalled = own.send('/v1/neighbors', { method: 'POST', body, duplex: 'half', headers: json } as RequestInit);
  await vi.waitFor(() => expect(own.service.underWay()).toBe(1), patience);

  const statuses = [(await own.get('/metrics')).status, (await own.get('/v1/models')).status];
  const refused = await own.post('/v1/neighbors', question);
  end();
  const ended = await stalled;
  await own.service.close();

  expect([...statuses, refused.status, ended.status]).toEqual([200, 200, 429, 400]);
});
