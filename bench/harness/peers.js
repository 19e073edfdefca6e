// The peers on this machine: found once, run as child processes, with a line on how to install those that are missing.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('../peers/', import.meta.url));

/** What each peer needs, and how Debian installs it. @type {Record<string, { check: () => boolean, install: string }>} */
const peers = {
  gensim: { check: () => pythonHas('gensim'), install: 'apt-get install python3-gensim' },
  fasttext: { check: () => pythonHas('numpy') && hasProgram('fasttext'), install: 'apt-get install fasttext' },
  torch: { check: () => pythonHas('numpy, torch'), install: 'apt-get install python3-torch' },
  sklearn: { check: () => pythonHas('sklearn.manifold'), install: 'apt-get install python3-sklearn' },
  judge: { check: () => pythonHas('numpy, scipy.sparse'), install: 'apt-get install python3-scipy' },
};

/** @type {Map<string, boolean>} */
const found = new Map();

/** The interpreter of the system, whose packages Debian installs; another where PYTHON names it. */
export const python = process.env['PYTHON'] ?? (existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3');

/**
 * Whether a peer can be run; says once, in one line, how to install one that cannot.
 *
 * @param {'gensim' | 'fasttext' | 'torch' | 'sklearn' | 'judge'} name
 */
export function hasPeer(name) {
  const known = found.get(name);
  if (known !== undefined) return known;
  const isThere = peers[name]?.check() ?? false;
  found.set(name, isThere);
  if (!isThere)
    process.stderr.write(`${name} is not on this machine and is left out; Debian: ${peers[name]?.install}\n`);
  return isThere;
}

/**
 * Runs one of our peer scripts and reads its JSON.
 *
 * @template {object} Result
 * @param {string} script file name in bench/peers
 * @param {readonly string[]} inputs
 * @param {Readonly<Record<string, string | number | undefined>>} [options] camelCase names become --kebab-case
 * @returns {Promise<Result>} what the script printed
 */
export async function runPeer(script, inputs, options = {}) {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, `${value}`],
  );
  // BLAS threads of numpy would fight with the trainer's own two
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', PYTHONHASHSEED: '0' };
  const { stdout } = await run(python, [`${scripts}${script}`, ...inputs, ...flags], { env, maxBuffer: 1 << 28 });
  return JSON.parse(stdout);
}

/** @param {string} modules */
function pythonHas(modules) {
  return canRun(python, ['-c', `import ${modules}`]);
}

/** @param {string} name */
function hasProgram(name) {
  return canRun('sh', ['-c', `command -v ${name}`]);
}

/** @param {string} program @param {readonly string[]} inputs */
function canRun(program, inputs) {
  try {
    execFileSync(program, inputs, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
