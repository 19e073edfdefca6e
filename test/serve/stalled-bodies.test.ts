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

describe('bodies that do not come', () => {
  // what a connection brings that stalls or ends in the middle of a body
  const head = (length: string) =>
    `POST /v1/neighbors HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${length}\r\n\r\n`;
  const told = head('Content-Length: 20');
  const inPieces = head('Transfer-Encoding: chunked');
  let listening: Awaited<ReturnType<typeof listen>>;
  let own: Awaited<ReturnType<typeof openTestService>>;

  beforeAll(async () => {
    own = await openTestService(folder, { maxConcurrent: 2, deadline: '0.2s' });
    listening = await listen(own.service, { host: '127.0.0.1', port: 0, drainMs: 100 });
  });
  afterAll(() => listening.close());

  const connection = async (text: string) => {
    const socket = connect(Number(new URL(listening.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };

  test.each([
    ['of a known length', told],
    ['in pieces', inPieces],
  ])('one %s that never ends is 503 at the deadline, and its place is free again', async (_, text) => {
    for (let i = 0; i < 3; i++) {
      const socket = await connection(text);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1.1 503 /);
      socket.destroy();
    }

    expect(own.service.underWay()).toBe(0);
    expect((await own.post('/v1/neighbors', question)).status).toBe(200);
  });

  test.each([
    ['of a known length', told],
    ['in pieces', inPieces],
  ])('one %s that breaks off is no bug of ours, and its place is free again', async (_, text) => {
    own.log.length = 0;
    for (let i = 0; i < 3; i++) {
      const socket = await connection(text);
      await vi.waitFor(() => expect(own.service.underWay()).toBe(1));
      socket.destroy();
      await vi.waitFor(() => expect(own.log).toHaveLength(i + 1));
    }

    expect(own.service.underWay()).toBe(0);
    expect(own.log).toMatchObject(Array.from({ length: 3 }, () => ({ event: 'request', level: 'info', status: 400 })));
  });

  test('a request without a Host is answered with a problem document', async () => {
    const socket = await connection('GET /healthz HTTP/1.0\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();

    expect(answer.toString()).toMatch(
      /^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"status":400,"detail":"the request must/,
    );
  });
});

test('/metrics and /v1/models are answered while as many questions as may be are under way', async () => {
  const own = await openTestService(folder, { maxConcurrent: 1, deadline: '5s' });
  const body = new ReadableStream({ start: () => {} });
  const stalled = { method: 'POST', body, duplex: 'half', headers: json } as RequestInit;
  void own.send('/v1/neighbors', stalled);
  await vi.waitFor(() => expect(own.service.underWay()).toBe(1));

  const statuses = [(await own.get('/metrics')).status, (await own.get('/v1/models')).status];
  const refused = await own.post('/v1/neighbors', question);
  await own.service.close();

  expect([...statuses, refused.status]).toEqual([200, 200, 429]);
});
