/** Runs that are killed and resumed. Needs `dist/`, which `npm test` builds first. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../src/numerics/random.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const child = fileURLToPath(new URL('killed-child.js', import.meta.url));
let folder: string;

beforeAll(() => {
  const isBuilt = existsSync(join(root, 'dist/engine/checkpoint-node.js'));
  if (!isBuilt) execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root });
  folder = mkdtempSync(join(tmpdir(), 'category2vec killed '));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Kill {
  /** milliseconds after training began, or as soon as a checkpoint is being written */
  readonly when: number | 'writing' | 'never';
  readonly threads: number;
}

/** Runs the child. @returns whether it came to its end */
function run(checkpoints: string, out: string, { when, threads }: Kill): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const trainer = spawn(process.execPath, [child, checkpoints, out, String(threads)]);
    const kill = (): boolean => trainer.kill('SIGKILL');
    const watcher = when === 'writing' ? watch(checkpoints) : undefined;
    let errors = '';
    trainer.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    trainer.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!text.startsWith('training')) return;
      if (typeof when === 'number') setTimeout(kill, when);
      watcher?.on('change', (_, name) => String(name).endsWith('.partial') && kill());
    });
    trainer.on('error', reject);
    trainer.on('close', (exitCode, signal) => {
      watcher?.close();
      if (exitCode === 0 || signal === 'SIGKILL') resolve(exitCode === 0);
      else reject(new Error(`exit code ${exitCode}: ${errors}`));
    });
  });
}

test('killed at any moment and resumed on any number of threads, a run ends with the bits of an undisturbed one', async () => {
  const random = new Random(11);
  const checkpoints = (name: string): string => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const undisturbed = join(folder, 'undisturbed.bin');
  expect(await run(checkpoints('undisturbed'), undisturbed, { when: 'never', threads: 2 })).toBe(true);

  const disturbed = join(folder, 'disturbed.bin');
  const place = checkpoints('disturbed');
  let kills = 0;
  let halfWritten = 0;
  for (let isDone = false; !isDone;) {
    const when = kills >= 16 ? 'never' : kills % 3 === 2 ? 'writing' : random.below(60);
    isDone = await run(place, disturbed, { when, threads: 1 + random.below(3) });
    if (!isDone) kills++;
    if (readdirSync(place).some((name) => name.endsWith('.partial'))) halfWritten++;
  }

  expect(kills).toBeGreaterThan(6);
  expect(halfWritten).toBeGreaterThan(0);
  expect(readFileSync(disturbed).equals(readFileSync(undisturbed))).toBe(true);
}, 120_000);
