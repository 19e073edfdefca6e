// A process of its own that reads one log under a memory limit and prints what it held at most.
import { readHistories } from 'category2vec';

/** Sizes in MB of 10⁶ bytes. @typedef {{ seconds: number, peak: number, histories: number, clicks: number }} Reading */

const [path = '', memoryLimit = '1GB', temporaryFolder] = process.argv.slice(2);
const started = performance.now();
const { items, offsets } = await readHistories(path, {
  history: 'user',
  category: 'item',
  memoryLimit,
  temporaryFolder,
});
const seconds = (performance.now() - started) / 1000;
/** @type {Reading} */
const reading = {
  seconds: Math.round(seconds * 10) / 10,
  peak: Math.round((process.resourceUsage().maxRSS * 1024) / 1e6),
  histories: Math.round((items.byteLength + offsets.byteLength) / 1e6),
  clicks: items.length,
};
process.stdout.write(JSON.stringify(reading));
