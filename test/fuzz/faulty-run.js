// Runs one command again and again, in a process into which test/fuzz/faulty-system.c is loaded: each time another
// system call fails. What the outputs were, what the command said and what it left behind goes to a file of results,
// one line of JSON for each run.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';

const [programUrl = '', root = '', resultsPath = '', job = ''] = process.argv.slice(2);
/**
 * @type {{ argv: string[], modes: { name: string, mode: number, errno: number }[], starts: string[], mostCalls: number,
 *   takesTurns: boolean, foreign?: string, isRead?: boolean, isServer?: boolean }}
 */
const { argv, modes, starts, mostCalls, takesTurns, foreign, isRead, isServer } = JSON.parse(job);
/** @type {{ run: (argv: readonly string[], streams: object) => Promise<number> }} */
const { run } = await import(programUrl);

const out = join(root, 'out');
const control = openSync(process.env['FAULTY_CONTROL'] ?? '', 'r+');
let round = 0;
const longestMs = 300_000;
/** kinds of calls that `faulty-system.c` knows */
const kinds = 6;

/** @param {number} mode @param {number} call @param {number} errno @param {number} kind - 0: any */
function arm(mode, call, errno, kind = 0) {
  writeSync(control, Buffer.from(Int32Array.of(++round, mode | (kind << 8), call, errno).buffer), 0, 16, 0);
}

function disarm() {
  const answer = new Int32Array(3 + kinds);
  readSync(control, new Uint8Array(answer.buffer), 0, answer.byteLength, 16);
  arm(0, 0, 0);
  const [calls = 0, failed = 0, kind = 0, ...ofKinds] = answer;
  return { calls, failed, kind, ofKinds };
}

/**
 * Some calls of every kind that there is, spread over all of it: rare kinds are tried as often as frequent ones.
 *
 * @param {readonly number[]} ofKinds - how many calls there are of each kind, the first being 1
 * @param {number} most - how many to try; at least one of each kind
 */
function spread(ofKinds, most) {
  const groups = ofKinds
    .map((count, i) => ({ kind: i + 1, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.count - b.count);
  let left = most;
  return groups.flatMap(({ kind, count }, i) => {
    const size = Math.min(count, Math.max(1, Math.floor(left / (groups.length - i))));
    left -= size;
    return Array.from({ length: size }, (_, j) => ({
      kind,
      number: 1 + Math.floor((j * count) / size),
      // what is tried once of its kind is tried with every beginning
      turn: size === 1 ? undefined : j,
    }));
  });
}

/** What stands in the folder of outputs, hidden names apart. @param {string} folder @returns {Record<string, string>} */
function contentsOf(folder, prefix = '') {
  /** @type {Record<string, string>} */
  const found = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) found[prefix + entry.name] = 'left over';
    else if (entry.isDirectory()) Object.assign(found, contentsOf(path, `${prefix}${entry.name}/`));
    else found[prefix + entry.name] = createHash('md5').update(readFileSync(path)).digest('hex');
  }
  return found;
}

async function once() {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const said = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    streams[name].setEncoding('utf8').on('data', (/** @type {string} */ text) => (said[name] += text));
  }
  const stop = new AbortController();
  if (isServer) streams.stdout.on('data', () => stop.abort());
  const running = run(argv, { stdin: Readable.from([]), ...streams, signal: stop.signal });
  const late = new Promise((resolve) => setTimeout(() => resolve('still running'), longestMs).unref());
  const exitCode = await Promise.race([running, late]);
  return { exitCode, ...said };
}

/** @param {string} start */
function reset(start) {
  rmSync(out, { recursive: true, force: true });
  if (start === 'nothing') mkdirSync(out);
  else cpSync(join(root, 'earlier'), out, { recursive: true, preserveTimestamps: true });
}

/** @param {object} result */
function note(result) {
  appendFileSync(resultsPath, `${JSON.stringify(result)}\n`);
}

/** Something else in every file, so that earlier and new outputs can be told apart. @param {string} path */
function alter(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) alter(join(path, entry.name));
    else appendFileSync(join(path, entry.name), 'earlier');
  }
}

// loads what is loaded once, and makes what the next runs replace
reset(isRead ? 'earlier' : 'nothing');
note({ mode: 'warm', ...(await once()) });
if (!isRead) {
  rmSync(join(out, '.checkpoint'), { recursive: true, force: true });
  cpSync(out, join(root, 'earlier'), { recursive: true });
  alter(join(root, 'earlier'));
  if (foreign !== undefined) writeFileSync(join(root, 'earlier', foreign, 'thesis.txt'), 'of somebody else');
}
for (const [turn, start] of starts.entries()) {
  for (const { name, mode, errno } of modes) {
    reset(start);
    note({ mode: 'before', start, contents: contentsOf(out) });
    arm(mode, 1 << 30, errno);
    const whole = await once();
    const { ofKinds } = disarm();
    const contents = contentsOf(out);
    note({ mode: 'none', of: name, start, ofKinds, ...whole, contents });
    for (const sought of spread(ofKinds, mostCalls)) {
      if (takesTurns && sought.turn !== undefined && sought.turn % starts.length !== turn) continue;
      reset(start);
      arm(mode, sought.number, errno, sought.kind);
      const ending = await once();
      const { failed, kind } = disarm();
      const kept = join(root, `killed-${round}`);
      const spilled = readdirSync(join(root, 'tmp'));
      note({
        mode: name,
        start,
        call: sought.number,
        failed,
        kind,
        ...ending,
        contents: contentsOf(out),
        spilled,
        kept,
      });
      if (name === 'killed') renameSync(out, kept);
      for (const each of spilled) rmSync(join(root, 'tmp', each), { recursive: true, force: true });
    }
  }
}
if (!existsSync(out)) mkdirSync(out);
process.exit(0);
