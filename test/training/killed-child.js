// Trains one small run in a process of its own, for killed.test.ts: CHECKPOINT-FOLDER OUT THREADS MOMENT COUNT. Kills
// itself after the count-th chunk, in the middle of the count-th checkpoint that it writes, or before its count-th rename.
import fs, { writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { openCheckpoint } from '../../dist/engine/checkpoint-node.js';
import { historiesFromArrays } from '../../dist/histories/from-arrays.js';
import { Random } from '../../dist/numerics/random.js';
import { trainEmbedding } from '../../dist/training/train-embedding.js';

const [folder = '', out = '', threads = '1', moment = 'never', count = '1'] = process.argv.slice(2);
const random = new Random(7);
const clicks = Array.from({ length: 60_000 }, (_, i) => [`u${Math.floor(i / 8)}`, `c${random.below(1500)}`]);
const histories = historiesFromArrays(
  clicks.map(([user = '']) => user),
  clicks.map(([, category = '']) => category),
);
let left = Number(count);

/** @param {string} now */
function killAt(now) {
  if (moment === now && --left === 0) process.kill(process.pid, 'SIGKILL');
}

const { open } = promises;
const { renameSync } = fs;
fs.renameSync = (from, to) => {
  killAt('renaming');
  renameSync(from, to);
};
promises.open = async (path, ...rest) => {
  const file = await open(path, ...rest);
  if (!String(path).endsWith('.partial')) return file;
  let writes = 0;
  const write = file.write.bind(file);
  // the third is that of the tables: half of them is written
  const half = async (/** @type {Buffer} */ bytes, /** @type {number} */ at) => {
    if (++writes !== 3) return write(bytes, at);
    const written = await write(bytes, at, bytes.length >> 1);
    killAt('writing');
    return written;
  };
  file.write = /** @type {typeof file.write} */ (half);
  return file;
};
syncBuiltinESMExports();

const options = { dimension: 48, epochs: 8, seed: 3, subsampling: 0.001, threads: Number(threads) };
// due after every chunk, so that there are many
const checkpoint = await openCheckpoint(folder, { resume: true, everySeconds: 0, now: () => 0 });
const { vectors, outputVectors, provenance } = await trainEmbedding(
  { histories, checkpoint },
  { ...options, measuresChance: false },
  { onProgress: () => killAt('training') },
);
writeFileSync(out, Buffer.concat([bytesOf(vectors), bytesOf(outputVectors), Buffer.from(JSON.stringify(provenance))]));

/** @param {Float32Array | undefined} numbers */
function bytesOf(numbers = new Float32Array(0)) {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
