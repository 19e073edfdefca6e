import { comparePairsPerSecond } from '../harness/throughput.js';

export const question = 'How many pairs a second does skip-gram train, reproducibly, beside gensim?';

/** @param {import('../run.js').Bench} bench */
export function run(bench) {
  return comparePairsPerSecond(bench, { hogwild: false, floor: 16, hope: 25 });
}
