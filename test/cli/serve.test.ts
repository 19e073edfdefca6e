/** `serve` from the command line: its address, the token that other addresses need, Ctrl-C with an answer under way. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compass, modelFolder, publish } from '../serve/models.js';
import { runCommand } from './harness.js';

let folder: string;
let other: Server;
let takenPort: number;

beforeAll(async () => {
  folder = await modelFolder();
  await publish(join(folder, 'compass.parquet'), compass);
  other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  takenPort = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(async () => {
  other.close();
  await rm(folder, { recursive: true });
});

/** Runs `serve` until a step with its address has ended. */
async function whileServing(argv: readonly string[], step: (url: string) => Promise<void>) {
  const control = new AbortController();
  let stepped: Promise<void> | undefined;
  const onStdout = (text: string): void => {
    const url = /"url": ?"([^"]+)"/.exec(text)?.[1] ?? '';
    stepped = step(url).finally(() => control.abort());
  };
  const outcome = await runCommand(['serve', folder, '--port', '0', '--json', ...argv], {
    signal: control.signal,
    onStdout,
  });
  await stepped;
  return outcome;
}

const ask = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/neighbors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ key: 'east', k: 1 }),
  });

test('prints its address and models, answers, logs, and ends with 0 on Ctrl-C', async () => {
  const answers: unknown[] = [];
  const { exitCode, stdout, stderr } = await whileServing([], async (url) => {
    answers.push(await (await ask(url)).json(), (await fetch(`${url}/healthz`)).status);
  });

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string,
    models: [{ name: 'compass', kind: 'embedding', refused: [] }],
  });
  expect(answers).toMatchObject([{ model: 'compass', neighbors: [{ category: '東' }] }, 200]);
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'version served', model: 'compass' },
    { event: 'request', route: '/v1/neighbors', status: 200 },
    { event: 'request', route: '/healthz', status: 200 },
  ]);
});

test('an answer under way at Ctrl-C is given whole', async () => {
  const control = new AbortController();
  const outcomes: Promise<Response>[] = [];
  const onStdout = (text: string): void => {
    const url = /"url": ?"([^"]+)"/.exec(text)?.[1] ?? '';
    outcomes.push(...Array.from({ length: 20 }, () => ask(url)));
    void Promise.race(outcomes).then(() => control.abort());
  };
  const { exitCode } = await runCommand(['serve', folder, '--port', '0', '--json', '--quiet'], {
    signal: control.signal,
    onStdout,
  });
  const answers = await Promise.all(outcomes);

  expect(exitCode).toBe(0);
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
});

test('a token in the environment is asked for on this machine, too', async () => {
  process.env['CATEGORY2VEC_TOKEN'] = 's3cret';
  const statuses: number[] = [];
  try {
    await whileServing(['--host', '0.0.0.0'], async (url) => {
      const own = url.replace('0.0.0.0', '127.0.0.1');
      statuses.push((await ask(own)).status, (await ask(own, { authorization: 'Bearer s3cret' })).status);
    });
  } finally {
    delete process.env['CATEGORY2VEC_TOKEN'];
  }

  expect(statuses).toEqual([401, 200]);
});

test('--allow-anonymous answers without one', async () => {
  const statuses: number[] = [];
  await whileServing(['--host', '0.0.0.0', '--allow-anonymous'], async (url) => {
    statuses.push((await ask(url.replace('0.0.0.0', '127.0.0.1'))).status);
  });

  expect(statuses).toEqual([200]);
});

test.each<[string, () => string[], string]>([
  [
    'another address without a token',
    () => [folder, '--host', '0.0.0.0'],
    'needs a token in CATEGORY2VEC_TOKEN, got none; set one, or give --allow-anonymous',
  ],
  ['a folder that is not there', () => ['nowhere'], 'got "nowhere", which does not exist'],
  ['an address', () => ['s3://bucket/models'], 's3://bucket/models is an address, and only files of this machine'],
  ['a file', () => [join(folder, 'compass.parquet')], 'models must be the folder that holds'],
  ['a port that is taken', () => [folder, '--port', String(takenPort)], `--port must be free, but`],
  [
    'an address of another machine',
    () => [folder, '--host', '192.0.2.1', '--allow-anonymous'],
    '--host must be an address of this machine, got "192.0.2.1"',
  ],
  ['no version kept', () => [folder, '--keep', '0'], '--keep must be a whole number ≥ 1, got 0'],
  ['a deadline that is none', () => [folder, '--deadline', 'soon'], '--deadline must be a length of time'],
  ['no folder', () => [], 'models'],
])('%s ends with 2', async (_, argv, sentence) => {
  const { exitCode, stdout, stderr } = await runCommand(['serve', ...argv()]);

  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(sentence);
});
