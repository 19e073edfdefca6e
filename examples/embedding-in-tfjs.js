// An exported embedding as a layer of TensorFlow.js: node examples/embedding-in-tfjs.js vectors.npy category …
// Row 0 is the unknown category, so the files come from
// category2vec export … --format npy --unknown-row mean --out vectors.npy
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';

await import('@tensorflow/tfjs-backend-cpu');
const [file = 'vectors.npy', ...categories] = process.argv.slice(2);

/** @type {string[]} */
const keys = JSON.parse(readFileSync(file.replace(/\.npy$/, '.keys.json'), 'utf8'));
const bytes = readFileSync(file);
const numbers = new Float32Array(Uint8Array.from(bytes.subarray(10 + bytes.readUInt16LE(8))).buffer);
const dimension = numbers.length / keys.length;

const layer = layers.layers.embedding({
  inputDim: keys.length, // V + 1
  outputDim: dimension,
  weights: [tf.tensor2d(numbers, [keys.length, dimension])],
  maskZero: false, // row 0 is a category like any other, not padding
  inputLength: 1,
});
const rows = new Map(keys.map((key, row) => [key, row]));
const ids = categories.map((category) => rows.get(category) ?? 0);
const looked = tf.tidy(() => {
  const output = layer.apply(tf.tensor2d(ids, [ids.length, 1], 'int32'));
  if (!(output instanceof tf.Tensor)) throw new Error('one tensor expected');
  return Array.from(output.dataSync());
});
categories.forEach((category, i) => {
  const vector = looked.slice(i * dimension, i * dimension + 4).map((value) => value.toFixed(3));
  console.log(`${category}: row ${ids[i]}, [${vector.join(', ')}, …]`);
});
