/** `explore` from the command line: its address, a port that is taken, Ctrl-C. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { runCommand } from './harness.js';

const folder = mkdtempSync(join(tmpdir(), 'category2vec-explore-'));
const path = join(folder, 'cities.parquet');
let other: Server;
let takenPort: number;

beforeAll(async () => {
  const vocabulary = new Vocabulary(['Oslo', 'Bergen'], Float64Array.of(2, 1));
  await writeEmbedding(path, new Embedding({ vocabulary, dimension: 2, vectors: Float32Array.of(1, 0, 0, 1) }));
  other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  takenPort = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(() => {
  other.close();
  rmSync(folder, { recursive: true });
});

test('prints its address, serves what it read, and ends with 0 on Ctrl-C', async () => {
  const control = new AbortController();
  const served: unknown[] = [];
  const onStdout = (text: string): void => {
    const url = /"url": ?"([^"]+)"/.exec(text)?.[1] ?? '';
    void fetch(new URL('data/embeddings.json', url))
      .then(async (response) => served.push(await response.json()))
      .finally(() => control.abort());
  };
  const { exitCode, stdout } = await runCommand(['explore', path, '--no-open', '--json'], {
    signal: control.signal,
    onStdout,
  });

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) as string });
  expect(served).toMatchObject([[{ name: 'cities.parquet', categories: 2, dimension: 2 }]]);
});

test('a port that is taken is said in one sentence, and ends with 2', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['explore', path, '--port', String(takenPort)]);

  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`error: --port must be free, but ${takenPort} is taken; choose another`);
});

test.each([
  ['a file that is not there', ['explore', 'nowhere.parquet'], 'nowhere.parquet'],
  ['three embeddings', ['explore', path, path, path], 'at most two embeddings, got 3'],
  [
    'a port beyond the last',
    ['explore', '--port', '65536'],
    '--port must be a whole number from 0 to 65535, got 65536',
  ],
])('%s ends with 2', async (_, argv, sentence) => {
  const { exitCode, stdout, stderr } = await runCommand(argv);

  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(sentence);
});
