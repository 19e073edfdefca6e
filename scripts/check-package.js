// npm run check:package, a part of npm test: packs the built package and asks publint and arethetypeswrong whether
// others can use it. Needs no network.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'category2vec-packed-'));
try {
  run('npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no tarball');
  run('npx', '--no-install', 'publint', 'run', tarball, '--strict');
  // the package has ES modules only, for which `require` needs Node 20.19
  run('npx', '--no-install', 'attw', tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} program
 * @param {readonly string[]} words
 */
function run(program, ...words) {
  const { status } = spawnSync(program, words, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  }
}
