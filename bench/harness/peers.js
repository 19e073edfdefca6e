// The peers on this machine: found once, run as child processes, with a line on how to install those that are missing.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const scripts = fileURLToPath(new URL('../peers/', import.meta.url));

/**
 * What each peer needs, and how Debian installs it, where it does.
 *
 * @type {Record<string, { check: () => boolean, install: string | undefined }>}
 */
const peers = {
  gensim: { check: () => pythonHas('gensim'), install: 'apt-get install python3-gensim' },
  fasttext: { check: () => pythonHas('numpy') && hasProgram('fasttext'), install: 'apt-get install fasttext' },
  torch: { check: () => pythonHas('numpy, torch'), install: 'apt-get install python3-torch' },
  sklearn: { check: () => pythonHas('sklearn.manifold'), install: 'apt-get install python3-sklearn' },
  openTSNE: { check: () => pythonHas('openTSNE'), install: undefined },
  implicit: { check: () => pythonHas('implicit'), install: undefined },
  lightgbm: { check: () => pythonHas('lightgbm, scipy.sparse'), install: undefined },
  judge: { check: () => pythonHas('numpy, scipy.sparse'), install: 'apt-get install python3-scipy' },
};

/** @type {Map<string, boolean>} */
const found = new Map();

/**
 * The interpreter of what `npm run bench:peers` made, else that of the system, whose packages Debian installs; another
 * where PYTHON names it.
 */
export const python =
  process.env['PYTHON'] ??
  [`${scripts}.venv/bin/python`, '/usr/bin/python3'].find((path) => existsSync(path)) ??
  'python3';

/**
 * Whether a peer can be run; says once, in one line, how to install one that cannot.
 *
 * @param {'gensim' | 'fasttext' | 'torch' | 'sklearn' | 'openTSNE' | 'implicit' | 'lightgbm' |
 *   'judge'} name
 */
export function hasPeer(name) {
  const known = found.get(name);
  if (known !== undefined) return known;
  const isThere = peers[name]?.check() ?? false;
  found.set(name, isThere);
  const debian = peers[name]?.install;
  if (!isThere) {
    const hint =
      name === 'fasttext' ? `Debian: ${debian}` : `npm run bench:peers${debian ? `, or Debian: ${debian}` : ''}`;
    process.stderr.write(`${name} is not on this machine and is left out; ${hint}\n`);
  }
  return isThere;
}

/**
 * Runs one of our peer scripts and reads its JSON.
 *
 * @template {object} Result
 * @param {string} script file name in bench/peers
 * @param {readonly string[]} inputs
 * @param {Readonly<Record<string, string | number | undefined>>} [options] camelCase names become --kebab-case
 * @param {{ seconds?: number | undefined }} [limits] after so many seconds the script is ended, and the error is `killed`
 * @returns {Promise<Result>} what the script printed
 */
export async function runPeer(script, inputs, options = {}, { seconds } = {}) {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, `${value}`],
  );
  // BLAS threads of numpy would fight with the trainer's own two
  const env = { ...ownChoice(), OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', PYTHONHASHSEED: '0' };
  const limits = { maxBuffer: 1 << 28, timeout: Math.ceil((seconds ?? 0) * 1000) };
  const { stdout } = await run(python, [`${scripts}${script}`, ...inputs, ...flags], { env, ...limits });
  return JSON.parse(stdout);
}

/** The environment without what would choose the kernel of a BLAS for it. @returns {NodeJS.ProcessEnv} */
function ownChoice() {
  const { OPENBLAS_CORETYPE: _core, MKL_DEBUG_CPU_TYPE: _type, MKL_ENABLE_INSTRUCTIONS: _set, ...env } = process.env;
  return env;
}

/**
 * Versions of the peers, and their BLAS with the kernel that it chose; undefined where there is no Python.
 *
 * @returns {{ python: string, packages: Record<string, string>, blas: { library: string, version: string, kernel:
 *   string }[] | null } | undefined}
 */
export function describePeers() {
  try {
    const options = { encoding: /** @type {const} */ ('utf8'), env: ownChoice(), stdio: /** @type {const} */ ('pipe') };
    return JSON.parse(execFileSync(python, [`${scripts}about.py`], options));
  } catch {
    return undefined;
  }
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
