// What changed since an earlier run: every figure of both, the ratio first, and a mark where ours became worse by more
// than a twentieth.
import { readFileSync } from 'node:fs';

/**
 * @typedef {import('../run.js').Answer & { name: string, isTiny?: boolean, machine?: { processor?: string, commit?:
 *   string } }} Result a line of results
 */

/**
 * One figure in both runs.
 *
 * @typedef {object} Change
 * @property {string} figure where it stands: `ratio`, or `figures.ours.seconds`
 * @property {number} before
 * @property {number} after
 * @property {number} change relative, after / before − 1
 * @property {boolean} isFall ours, and worse by more than `noticeable`
 */

/** Changes up to this share are left unmarked. */
export const noticeable = 0.05;

/**
 * Names of figures that are better where they are less, and those that are better where they are more; of others nobody
 * can tell.
 */
const costs = /seconds|(^|[a-z])ms$|milliseconds|megabytes|bytes|peak|beyond|divergence|loss|reading|calibrationerror/i;
const gains = /persecond|ratio|recall|trustworthiness|continuity|purity|adjusted|auc|hr10|ndcg/i;
/** Figures of the other side, which may change without anything to mend here. */
const peers = /gensim|torch|sklearn|opentsne|fasttext|duckdb|peer|umap|implicit/i;

/**
 * The results of an earlier run: what `npm run bench` printed, an object a line.
 *
 * @param {string} path
 * @returns {Map<string, Result>} by question; of several runs of one, the last
 */
export function readResults(path) {
  /** @type {Map<string, Result>} */
  const results = new Map();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.trim().startsWith('{')) continue;
    /** @type {Result} */
    const result = JSON.parse(line);
    results.set(result.name, result);
  }
  return results;
}

/**
 * Figures that both runs have and that differ, the ratio first.
 *
 * @param {Result} before
 * @param {Result} after
 * @returns {Change[]}
 */
export function changesBetween(before, after) {
  const earlier = new Map(numbersOf(before));
  return numbersOf(after).flatMap(([figure, value]) => {
    const was = earlier.get(figure);
    if (was === undefined || was === value || was === 0) return [];
    const change = value / was - 1;
    const sign = directionOf(figure, after.isCost === true);
    return [{ figure, before: was, after: value, change, isFall: sign * change < -noticeable }];
  });
}

/**
 * 1 where more is better, −1 where less is, 0 where nobody can tell.
 *
 * @param {string} figure
 * @param {boolean} isCost of the ratio
 */
function directionOf(figure, isCost) {
  if (peers.test(figure)) return 0;
  const name =
    figure
      .replace(/\.\d+$/, '')
      .split('.')
      .at(-1) ?? '';
  if (figure === 'ratio') return isCost ? -1 : 1;
  if (gains.test(name)) return isCost && name === 'ratio' ? -1 : 1;
  return costs.test(figure) ? -1 : 0;
}

/**
 * Every number of a result with where it stands; of repeated runs the median alone.
 *
 * @param {Result} result
 * @returns {[string, number][]}
 */
function numbersOf({ ratio, figures }) {
  /** @type {[string, number][]} */
  const found = ratio === undefined ? [] : [['ratio', ratio]];
  /** @param {string} path @param {unknown} value */
  const walk = (path, value) => {
    if (typeof value === 'number' && Number.isFinite(value)) found.push([path, value]);
    else if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number')) {
      const sorted = value.toSorted((a, b) => a - b);
      found.push([path, sorted[(sorted.length - 1) >> 1] ?? NaN]);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(`${path}.${key}`, inner);
    }
  };
  walk('figures', figures);
  return found;
}

/**
 * The changes of one question for people, a line each.
 *
 * @param {Result | undefined} before
 * @param {Result} after
 * @returns {string[]}
 */
export function describeChanges(before, after) {
  if (before === undefined) return [`${after.name}: not in the earlier run`];
  if (before.skipped !== undefined || after.skipped !== undefined)
    return [`${after.name}: left out in one of the runs`];
  const changes = changesBetween(before, after);
  const where = before.machine?.processor === after.machine?.processor ? '' : `, on ${before.machine?.processor}`;
  const head = `${after.name}: since ${before.machine?.commit ?? 'an unknown commit'}${where}`;
  if (before.isTiny !== after.isTiny) return [`${head}: one of the runs is tiny, and tells nothing`];
  if (changes.length === 0) return [`${head}: nothing changed`];
  return [
    head,
    ...changes.map(({ figure, before: was, after: is, change, isFall }) => {
      const percent = `${change > 0 ? '+' : '−'}${Math.abs(change * 100).toFixed(1)} %`;
      return `  ${isFall ? 'WORSE' : '     '} ${percent.padStart(9)}  ${figure}: ${plain(was)} → ${plain(is)}`;
    }),
  ];
}

/** @param {number} value */
function plain(value) {
  return Number(value.toPrecision(5)).toString();
}
