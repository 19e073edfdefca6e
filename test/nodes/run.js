// npm run test:nodes: the smoke suite on every version of Node that this folder's package.json names, beside the one
// that runs this. They are programs for Linux on x64, and are left out elsewhere.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const smoke = fileURLToPath(new URL('../smoke/smoke.js', import.meta.url));
/** @type {{ optionalDependencies: Record<string, string> }} */
const { optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const installed = Object.keys(optionalDependencies).map((name) =>
  fileURLToPath(new URL(`node_modules/${name}/bin/node`, import.meta.url)),
);
const missing = installed.filter((path) => !existsSync(path));
const isTheirs = process.platform === 'linux' && process.arch === 'x64';
if (isTheirs && missing.length > 0) throw new Error(`not installed: ${missing.join(', ')}`);

let failed = 0;
for (const path of [process.execPath, ...installed.filter((name) => !missing.includes(name))]) {
  const { status } = spawnSync(path, [smoke], { stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
