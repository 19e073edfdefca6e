import { comparePairsPerSecond } from '../harness/throughput.js';

export const question =
  'How many pairs a second does skip-gram train when threads may race, beside gensim, whose threads always do?';

/** @param {import('../run.js').Bench} bench */
export function run(bench) {
  return comparePairsPerSecond(bench, { hogwild: true, floor: 20, hope: 40 });
}
