// Trains one small run in a process of its own, for killed.test.ts: CHECKPOINT-FOLDER OUT THREADS. Says "training" when
// it begins.
import { writeFileSync } from 'node:fs';
import { openCheckpoint } from '../../dist/engine/checkpoint-node.js';
import { historiesFromArrays } from '../../dist/histories/from-arrays.js';
import { Random } from '../../dist/numerics/random.js';
import { trainEmbedding } from '../../dist/training/train-embedding.js';

const [folder = '', out = '', threads = '1'] = process.argv.slice(2);
const random = new Random(7);
const clicks = Array.from({ length: 120_000 }, (_, i) => [`u${Math.floor(i / 8)}`, `c${random.below(3000)}`]);
const histories = historiesFromArrays(
  clicks.map(([user = '']) => user),
  clicks.map(([, category = '']) => category),
);
const options = { dimension: 48, epochs: 12, seed: 3, subsampling: 0.001, threads: Number(threads) };
// due after every chunk, so that the run is hardly ever outside a write
const checkpoint = await openCheckpoint(folder, { resume: true, everySeconds: 0, now: () => 0 });
process.stdout.write('training\n');
const { vectors, outputVectors, provenance } = await trainEmbedding(
  { histories, checkpoint },
  { ...options, measuresChance: false },
);
writeFileSync(out, Buffer.concat([bytesOf(vectors), bytesOf(outputVectors), Buffer.from(JSON.stringify(provenance))]));
process.stdout.write('done\n');

/** @param {Float32Array | undefined} numbers */
function bytesOf(numbers = new Float32Array(0)) {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
