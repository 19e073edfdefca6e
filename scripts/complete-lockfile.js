// Names in package-lock.json the native packages of every platform, also where npm left out those that its registry
// does not carry. Without them `npm ci` refuses the lock file, or installs no binary on that platform (npm issue 4828).
// Run it after `npm install`; `node scripts/complete-lockfile.js test/bundlers` does it for a folder that has its own.
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL(`../${process.argv[2] ?? '.'}/package-lock.json`, import.meta.url);

/**
 * @typedef {{ version: string, dev?: boolean, optional?: boolean, optionalDependencies?: Record<string, string>, os?:
 *   string[], cpu?: string[], libc?: string[] }} Locked
 */
/** @type {{ packages: Record<string, Locked> }} */
const lock = JSON.parse(readFileSync(path, 'utf8'));

for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] !== undefined) continue;
    if (!/^\d/.test(version)) throw new Error(`${name} must be asked for by one version to be locked, got ${version}`);
    lock.packages[place] = { version, ...(dev === true ? { dev } : {}), optional: true, ...platformOf(name) };
    process.stdout.write(`locked ${name} ${version}\n`);
  }
}
const [self, ...others] = Object.entries(lock.packages);
const sorted = others.toSorted(([a], [b]) => a.localeCompare(b, 'en'));
const packages = Object.fromEntries(self === undefined ? sorted : [self, ...sorted]);
writeFileSync(path, `${JSON.stringify({ ...lock, packages }, undefined, 2)}\n`);

/** What npm compares with the machine, read from a name such as binding-linux-arm64-musl. @param {string} name */
function platformOf(name) {
  const words = name.slice(name.indexOf('/') + 1).split(/[-/]/);
  const os = words.filter((word) => ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony'].includes(word));
  const cpu = words.filter((word) => ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 'riscv64', 's390x'].includes(word));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`${name} must name one system and one processor`);
  const isLinux = os[0] === 'linux';
  const libc = !isLinux ? [] : words.some((word) => word.startsWith('musl')) ? ['musl'] : ['glibc'];
  return { os, cpu, ...(libc.length > 0 ? { libc } : {}) };
}
