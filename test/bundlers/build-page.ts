/** The packed tarball in a folder with a small page, and that page built by each bundler as its manual says. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const tools = fileURLToPath(new URL('node_modules/.bin/', import.meta.url));

/** One way to build the page. */
export interface Bundler {
  readonly name: string;
  /** the program and its words, before the output folder */
  readonly command: string;
  /** how the page names its script; undefined where the bundler writes the page, too */
  readonly script: string | undefined;
  /** the address of the worker's script, where the page has to name it */
  readonly workerUrl?: string;
}

/** Every bundler that is tried. */
export const bundlers: readonly Bundler[] = [
  {
    name: 'esbuild',
    command: 'esbuild page.js worker-web=category2vec/worker --bundle --format=esm --log-level=warning --outdir=',
    script: '<script type="module" src="page.js"></script>',
  },
  {
    name: 'esbuild, as a classic script',
    command:
      'esbuild page.js worker=category2vec/worker --bundle --log-override:empty-import-meta=silent --log-level=warning --outdir=',
    script: '<script defer src="page.js"></script>',
    workerUrl: '/worker.js',
  },
  {
    name: 'webpack',
    // its hint of size is off: a page that trains is 251 KiB, of which 105 are the kernels, and the hint begins at 244
    command: 'webpack --mode production --no-performance --entry ./page.js --stats errors-warnings --output-path=',
    script: '<script defer src="main.js"></script>',
  },
  { name: 'Vite', command: 'vite build --logLevel warn --outDir=', script: undefined },
];

/** A new folder with the page, and the tarball of this repository as its only package. */
export function siteWithTarball(): string {
  const site = mkdtempSync(join(tmpdir(), 'category2vec-bundlers-'));
  cpSync(new URL('site', import.meta.url), site, { recursive: true });
  writeFileSync(join(site, 'package.json'), '{ "private": true, "type": "module" }');
  run(root, 'npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', site]);
  run(site, 'tar', ['-xzf', readdirSync(site).find((name) => name.endsWith('.tgz')) ?? 'no tarball']);
  mkdirSync(join(site, 'node_modules'));
  renameSync(join(site, 'package'), join(site, 'node_modules/category2vec'));
  return site;
}

/**
 * Builds the page.
 *
 * @returns what the bundler printed
 */
export function buildPage({ command, script }: Bundler, site: string, output: string): string {
  const [program = '', ...words] = command.split(' ');
  words.push(`${words.pop() ?? ''}${output}`);
  const printed = run(site, join(tools, program), words);
  if (script !== undefined) writeFileSync(join(output, 'index.html'), `<!doctype html><title>A page</title>${script}`);
  return printed;
}

function run(folder: string, program: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stdout + stderr}`);
  return stdout + stderr;
}
