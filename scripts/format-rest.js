// Formats what Prettier does not take as it stands. Kernels: it takes the decorators of AssemblyScript's functions for a
// mistake, so they are comments while it works. Pages: it pads the cells of a table to one width, so that a word changes
// every line, and breaks names that stand in code; so they have rules of their own. With --check, names the files that
// are not formatted and ends with 1.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');
/** Columns of any source. */
const width = 130;
const mark = '// decorator: ';

/** @param {string} path @param {import('prettier').Options} options */
async function kernel(path, options) {
  const source = readFileSync(path, 'utf8').replace(/^@(?=\w)/gm, `${mark}@`);
  return (await format(source, { ...options, parser: 'typescript', printWidth: width })).replaceAll(mark, '');
}

/**
 * A page: one blank line around headings and code, none at its begin, one newline at its end, no space at the end of a
 * line, lists with hyphens. What stands in code stays as it is.
 *
 * @param {string} path
 */
async function page(path) {
  const parts = readFileSync(path, 'utf8').split(/^( *```[^]*?^ *```$)/m);
  const texts = parts.map((part, i) => {
    if (i % 2 === 1) return part;
    const lines = part.replace(/[^\S\n]+$/gm, '').replace(/^( *)[*+](?= )/gm, '$1-');
    const apart = lines.replace(/\n+(#{1,6} .*)\n+/g, '\n\n$1\n\n').replace(/\n{3,}/g, '\n\n');
    return i + 1 < parts.length ? apart.replace(/\n+(?= *$)/, '\n\n') : apart;
  });
  return `${texts.join('').trim()}\n`;
}

// a checkout may be another user's, as in a container: git only lists here
const words = ['-c', 'safe.directory=*', 'ls-files', 'kernels', '*.md'];
const files = execFileSync('git', words, { cwd: root, encoding: 'utf8' }).split('\n');
for (const name of files.filter((name) => /^kernels\/.*\.ts$|\.md$/.test(name) && !name.startsWith('test/fixtures/'))) {
  const path = join(root, name);
  const options = (await resolveConfig(path)) ?? {};
  const text = await (name.endsWith('.md') ? page : kernel)(path, options);
  if (text === readFileSync(path, 'utf8')) continue;
  if (!isCheck) writeFileSync(path, text);
  else console.error(`${name} is not formatted; npm run format does it`);
  if (isCheck) process.exitCode = 1;
}
