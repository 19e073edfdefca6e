// Trains once and prints what the process held before, what training's tables need, and the peak in between. Its own
// process, Linux only.
import { readFileSync, writeFileSync } from 'node:fs';
import { trainEmbedding } from 'category2vec';
import { drawClickLog } from './click-logs.js';
import { historiesFromLog } from './histories.js';

/** Megabytes. @typedef {{ categories: number, before: number, peak: number, tables: number, beyond: number }} Figures */

/** @type {{ log: import('./click-logs.js').LogOptions, training: Partial<import('category2vec').TrainingOptions> }} */
const options = JSON.parse(process.argv[2] ?? '{}');
const histories = historiesFromLog(drawClickLog(options.log));
globalThis.gc?.();
// 5 resets the peak (proc(5), clear_refs), so that making the data does not count
writeFileSync('/proc/self/clear_refs', '5');
const before = megabytes('VmRSS');
const embedding = await trainEmbedding(histories, { ...options.training, measuresChance: false });
const peak = megabytes('VmHWM');
const { size } = embedding.vocabulary;
const tables = (2 * size * embedding.dimension * 4) / 2 ** 20;
// shared memory is counted once more where the result is copied out of it: that copy is the result and not overhead
process.stdout.write(JSON.stringify({ categories: size, before, peak, tables, beyond: peak - before - tables }));

/** @param {string} field of /proc/self/status */
function megabytes(field) {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1]) / 1024;
}
