// npm run bench: every question; npm run bench -- NAME …: those; --data DIR, --only SET,…, --repeats N, --tiny, --list;
// --compare RESULT.json: what changed since an earlier run, whose standard output that file has.
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeChanges, readResults } from './harness/compare.js';
import { describeMachine } from './harness/machine.js';

/**
 * What a question is given.
 *
 * @typedef {object} Bench
 * @property {number} threads for both sides: the processors of this machine, at most 2, as in the figures to reach
 * @property {number} repeats timed runs of each side
 * @property {boolean} isTiny a run that only shows that everything works; its figures mean nothing
 * @property {string | undefined} data a folder of data sets, each with events.csv.gz
 * @property {readonly string[] | undefined} only names of the data sets to compare on, where a question goes over several
 * @property {string} folder temporary, removed at the end
 * @property {(line: string) => void} say progress, on standard error
 */

/**
 * What a question answers: the ratio to compare with floor and hope, and every figure behind it. `skipped` says in one
 * sentence why there is none.
 *
 * @typedef {object} Answer
 * @property {number} [ratio] of runs that alternated the median
 * @property {number} [low] the least of these runs
 * @property {number} [high] the greatest
 * @property {boolean} [isCost] whether less is better
 * @property {string} [unit] what the ratio is of
 * @property {number} [floor]
 * @property {number} [hope]
 * @property {unknown} [figures]
 * @property {string} [skipped]
 */

/** A file of bench/questions. @typedef {{ question: string, run: (bench: Bench) => Promise<Answer> }} Question */

const questions = new URL('questions/', import.meta.url);
const known = readdirSync(questions)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3))
  .toSorted();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    repeats: { type: 'string', default: '3' },
    tiny: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    compare: { type: 'string' },
  },
});
const unknown = positionals.find((name) => name !== 'all' && !known.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`${unknown} is not a benchmark; there are ${known.join(', ')}\n`);
  process.exit(2);
}

/** @type {ReturnType<typeof readResults> | undefined} */
let earlier;
try {
  earlier = values.compare === undefined ? undefined : readResults(values.compare);
} catch (error) {
  process.stderr.write(
    `--compare must name a file of results: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(2);
}
/** @type {string[]} */
const changes = [];
const asked = positionals.length === 0 || positionals.includes('all') ? known : positionals;
const say = (/** @type {string} */ line) => void process.stderr.write(`  ${line}\n`);
for (const name of asked) {
  const { question, run } = /** @type {Question} */ (await import(new URL(`${name}.js`, questions).href));
  process.stderr.write(`${name}: ${question}\n`);
  if (values.list) continue;
  const folder = await mkdtemp(join(tmpdir(), 'category2vec-bench-'));
  try {
    const threads = Math.min(2, availableParallelism());
    const repeats = values.tiny ? 1 : Math.max(1, Number.parseInt(values.repeats, 10) || 1);
    const only = values.only?.split(',');
    const answer = await run({ threads, repeats, isTiny: values.tiny, data: values.data, only, folder, say });
    process.stderr.write(`  ${describeAnswer(answer)}\n`);
    const result = { name, isTiny: values.tiny, ...answer, machine: describeMachine() };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    if (earlier !== undefined) changes.push(...describeChanges(earlier.get(name), result));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (changes.length > 0) process.stderr.write(`${changes.join('\n')}\n`);

/** @param {Answer} answer */
function describeAnswer({ ratio, low, high, unit = '', floor, hope, skipped }) {
  if (skipped !== undefined) return `left out: ${skipped}`;
  if (ratio === undefined) return 'answered';
  const against = floor === undefined ? '' : ` (floor ${floor}${hope === undefined ? '' : `, hope ${hope}`})`;
  const extremes = low === undefined || high === undefined ? '' : ` (${low} to ${high})`;
  return `${Number(ratio.toPrecision(4))}${extremes} ${unit}${against}`;
}
