import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const question = 'How much memory does training need beyond its two tables and the histories?';

const child = fileURLToPath(new URL('../harness/memory-child.js', import.meta.url));

/**
 * Peak of the process while training, less what it held before (the histories among it), less one copy of the two tables.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ threads, isTiny, say }) {
  if (!existsSync('/proc/self/clear_refs')) {
    return { skipped: 'the peak is read from /proc, which this system does not have' };
  }
  const logs = isTiny
    ? [{ histories: 1000, categories: 500 }]
    : [
        { histories: 200_000, categories: 50_000 },
        { histories: 500_000, categories: 1_000_000, exponent: 0.5 },
      ];
  const figures = logs.map((log) => {
    const input = JSON.stringify({ log, training: { dimension: 64, epochs: 1, threads } });
    const text = execFileSync(process.execPath, ['--expose-gc', child, input], { encoding: 'utf8' });
    say(text);
    return /** @type {import('../harness/memory-child.js').Figures} */ (JSON.parse(text));
  });
  return {
    ratio: Math.round(Math.max(...figures.map(({ beyond }) => beyond))),
    isCost: true,
    unit: 'MB beyond tables and histories, at most 300',
    figures,
  };
}
