// Joins the program's modules to a few chunks in dist/cli, after tsc: Node takes about a millisecond for each file that
// it loads, which is half of a short command. The library stays as tsc writes it, file by file.
import { readFileSync, rmSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const source = fileURLToPath(new URL('../src/', import.meta.url));
const folder = fileURLToPath(new URL('../dist/cli/', import.meta.url));
/** Loaded by every command, so it goes into the first chunk; all other packages are loaded where they are installed. */
const joinedPackage = 'commander';

/** Files beside a module are found where tsc has put it: chunks lie in `cli/`, one folder below all others. */
const moduleUrls = {
  name: 'module-urls',
  /** @param {string} code @param {string} id */
  transform(code, id) {
    const path = relative(source, id).split(sep).join('/');
    if (path.startsWith('..') || path === 'cli/main.ts' || !code.includes('import.meta.url')) return undefined;
    const compiled = posix.join('..', path.replace(/\.ts$/, '.js'));
    return code.replaceAll('import.meta.url', `new URL('${compiled}', import.meta.url).href`);
  },
};

const bundle = await rolldown({
  input: fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
  platform: 'node',
  external: (id) => /^[^./#\\]/.test(id) && id !== joinedPackage && !/^[a-z]:[\\/]/i.test(id),
  resolve: { alias: { '#thread': fileURLToPath(new URL('../src/engine/thread-node.ts', import.meta.url)) } },
  plugins: [moduleUrls],
});
rmSync(folder, { recursive: true, force: true });
await bundle.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  comments: false,
  codeSplitting: {
    groups: [
      // what every command needs, and what all that read an embedding need; the others as commands share them
      {
        name: 'start',
        test: /[\\/]cli[\\/](process|run|action|define-command)\.ts$|[\\/]node_modules[\\/]commander[\\/]/,
      },
      { name: 'embedding', test: /[\\/]tables[\\/]read-embedding\.ts$|[\\/]print[\\/]next-steps\.ts$/ },
    ],
  },
  banner: ({ moduleIds }) => (moduleIds.some((id) => id.includes(joinedPackage)) ? license() : ''),
});
await bundle.close();

/** The joined package's license, which goes with every copy of it. */
function license() {
  const text = readFileSync(new URL(`../node_modules/${joinedPackage}/LICENSE`, import.meta.url), 'utf8');
  return `/*\n${joinedPackage}\n\n${text.trim()}\n*/`;
}
