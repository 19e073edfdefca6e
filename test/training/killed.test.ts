/** Runs that are killed and resumed. Needs `dist/`, which `npm test` builds first. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const child = fileURLToPath(new URL('killed-child.js', import.meta.url));
let folder: string;

beforeAll(() => {
  const isBuilt = existsSync(join(root, 'dist/engine/checkpoint-node.js'));
  if (!isBuilt) execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root });
  folder = mkdtempSync(join(tmpdir(), 'category2vec killed '));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What the child was doing when it killed itself, and how often it had come to that. */
type Moment = readonly ['training' | 'writing' | 'renaming' | 'never', number];

/** Runs the child. @returns whether it came to its end */
function run(checkpoints: string, out: string, [moment, count]: Moment, threads: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const argv = [child, checkpoints, out, threads, moment, count].map(String);
    const trainer = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    trainer.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    trainer.on('error', reject);
    trainer.on('close', (exitCode, signal) => {
      if (exitCode === 0 || signal === 'SIGKILL') resolve(exitCode === 0);
      else reject(new Error(`exit code ${exitCode}: ${errors}`));
    });
  });
}

const moments: readonly Moment[] = [
  ['writing', 1],
  ['training', 1],
  ['writing', 3],
  ['training', 4],
  // before what was the latest is the one before, and before there is another latest
  ['renaming', 1],
  ['renaming', 4],
  ['training', 2],
  ['writing', 2],
];

test('killed at any moment and resumed on any number of threads, a run ends with the bits of an undisturbed one', async () => {
  const checkpoints = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const undisturbed = join(folder, 'undisturbed.bin');
  expect(await run(checkpoints('undisturbed'), undisturbed, ['never', 1], 2)).toBe(true);

  const disturbed = join(folder, 'disturbed.bin');
  const place = checkpoints('disturbed');
  for (const [i, moment] of moments.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- each continues where the one before was killed
    expect([moment, await run(place, disturbed, moment, 1 + (i % 3))]).toEqual([moment, false]);
    const isHalfWritten = readdirSync(place).some((name) => name.endsWith('.partial'));
    expect([moment, isHalfWritten]).toEqual([moment, moment[0] !== 'training']);
  }
  expect(await run(place, disturbed, ['never', 1], 2)).toBe(true);

  expect(readFileSync(disturbed).equals(readFileSync(undisturbed))).toBe(true);
});
