// Compiles kernels/ to WebAssembly and writes the binary as a TypeScript module, so that Node, browsers and bundlers
// load it alike; beside it, by emit-kernel-records.js, the records and constants that host and kernels share.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const compiler = fileURLToPath(new URL('../bin/asc.js', import.meta.resolve('assemblyscript/asc')));
const binaryPath = join(root, 'kernels', 'build', 'kernels.wasm');
mkdirSync(dirname(binaryPath), { recursive: true });

const flags = [
  ['--outFile', binaryPath, '--enable', 'simd,threads', '--runtime', 'stub', '-O3', '--noAssert'],
  ['--uncheckedBehavior', 'always', '--importMemory', '--sharedMemory'],
  ['--initialMemory', '1', '--maximumMemory', '65536', '--disableWarning', '201'],
  ['--transform', join(root, 'scripts', 'emit-kernel-records.js')],
].flat();
execFileSync(process.execPath, [compiler, 'kernels/index.ts', ...flags], { cwd: root, stdio: 'inherit' });

const base64 = readFileSync(binaryPath).toString('base64');
writeFileSync(
  join(root, 'src', 'numerics', 'kernel-binary.ts'),
  `/** The compiled kernels, base64; written by scripts/build-kernels.js. */\nexport const kernelBinary =\n  '${base64}';\n`,
);
