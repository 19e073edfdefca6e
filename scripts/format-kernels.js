// Formats kernels/ with Prettier, which takes the decorators of AssemblyScript's functions for a mistake: they are
// comments while it works. With --check, names the files that are not formatted and ends with 1.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');
/** Columns of any source. */
const width = 130;
const mark = '// decorator: ';

/** @param {string} path */
async function formatted(path) {
  const source = readFileSync(path, 'utf8').replace(/^@(?=\w)/gm, `${mark}@`);
  const text = await format(source, { ...(await resolveConfig(path)), parser: 'typescript', printWidth: width });
  return text.replaceAll(mark, '');
}

for (const name of readdirSync(join(root, 'kernels'), { recursive: true, encoding: 'utf8' }).sort()) {
  if (!name.endsWith('.ts') || name.startsWith('build')) continue;
  const path = join(root, 'kernels', name);
  const text = await formatted(path);
  if (text === readFileSync(path, 'utf8')) continue;
  if (!isCheck) writeFileSync(path, text);
  else console.error(`kernels/${name} is not formatted; npm run format does it`);
  if (isCheck) process.exitCode = 1;
}
