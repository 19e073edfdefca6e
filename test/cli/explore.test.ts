/** `explore` from the command line: its address, a port that is taken, Ctrl-C. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

test('serves the places that map wrote, in the order of its categories', async () => {
  const [table, part] = [join(folder, 'map.csv'), join(folder, 'part.csv')];
  writeFileSync(table, 'category,x,y\nBergen,3,-4.5\nOslo,1,2\nother,7,8\n');
  writeFileSync(part, 'category,x,y\nOslo,1,2\n');
  const control = new AbortController();
  const served: number[][] = [];
  const onStdout = (text: string): void => {
    const url = /"url": ?"([^"]+)"/.exec(text)?.[1] ?? '';
    void fetch(new URL('data/0/places', url))
      .then(async (response) => served.push(Array.from(new Float32Array(await response.arrayBuffer()))))
      .finally(() => control.abort());
  };
  const argv = ['explore', path, '--map', table, '--no-open', '--json'];
  const { exitCode } = await runCommand(argv, { signal: control.signal, onStdout });

  expect([exitCode, served]).toEqual([0, [[1, 2, 3, -4.5]]]);
  const failed = await runCommand(['explore', path, '--map', part]);
  expect(failed.exitCode).toBe(2);
  expect(failed.stderr).toContain('must have a number x for every category of the embedding, got none for "Bergen"');
  const twice = await runCommand(['explore', path, '--map', table, '--map', table]);
  expect(twice.stderr).toContain('--map must be given once for each embedding, got 2 for 1');
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
