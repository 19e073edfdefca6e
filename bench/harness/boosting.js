// Gradient boosting on what a click network reads, by LightGBM: rows are handed over as a sparse matrix.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runPeer } from './peers.js';

/** @typedef {typeof import('../../src/experiments/sparse-features.js')} Sparse what the library does not export */
const built = new URL('../../dist/experiments/sparse-features.js', import.meta.url);
const { sparseFeatures } = /** @type {Sparse} */ (await import(built.href));

/**
 * LightGBM as `bench/peers/boost.py` tunes it on the validation rows.
 *
 * @param {import('../../src/experiments/sparse-features.js').SparseTask} task
 * @param {{ training: Uint32Array, validation: Uint32Array, test: Uint32Array }} parts
 * @param {{ folder: string, seed: number, threads: number }} how
 * @returns {Promise<{ test: Float64Array, trees: number, seconds: number }>} probabilities of the test rows
 */
export async function boostedTrees(task, parts, { folder, seed, threads }) {
  const features = sparseFeatures(task, parts.training);
  const place = await mkdtemp(join(folder, 'boost-'));
  try {
    for (const part of /** @type {const} */ (['training', 'validation', 'test'])) {
      await writeRows(join(place, part), features, parts[part]);
    }
    /** @type {{ trees: number, seconds: number }} */
    const { trees, seconds } = await runPeer('boost.py', [place], { columns: features.size, seed, threads });
    const { buffer, byteOffset, byteLength } = await readFile(join(place, 'probabilities.f64'));
    return { test: new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength)), trees, seconds };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** @param {string} path @param {ReturnType<Sparse['sparseFeatures']>} features @param {Uint32Array} rows */
async function writeRows(path, features, rows) {
  const places = [];
  const values = [];
  const ends = new Uint32Array(rows.length + 1);
  for (const [at, row] of rows.entries()) {
    const count = features.read(row);
    places.push(features.places.slice(0, count));
    values.push(Float32Array.from(features.values.subarray(0, count)));
    ends[at + 1] = (ends[at] ?? 0) + count;
  }
  await writeFile(`${path}.places`, Buffer.concat(places.map(bytesOf)));
  await writeFile(`${path}.values`, Buffer.concat(values.map(bytesOf)));
  await writeFile(`${path}.ends`, ends);
  await writeFile(
    `${path}.labels`,
    Uint8Array.from(rows, (row) => features.rows.labels?.[row] ?? 0),
  );
}

/** @param {Uint32Array | Float32Array} array */
function bytesOf({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
