/** The numbers of a click network in the padded form that the kernels read: where they start, and how they leave. */
import { Random } from '../numerics/random.js';
import type { ClickNetwork, DenseLayer } from './model.js';
import { roundUp, type NetworkShape } from './network-shape.js';
import { padRows } from '../numerics/padded-rows.js';

const PURPOSE_TABLE = 0x5441424c;
const PURPOSE_LAYER = 0x4c415952;

/** Numbers of a network; f32 where kernels work on them, f64 in the reference. */
export interface Parameters<Numbers extends Float32Array | Float64Array> {
  /** shape [rows, stride] each */
  readonly tables: readonly Numbers[];
  /** what the network reads is vector × scale, one for each table */
  readonly scales: number[];
  readonly layers: readonly LayerNumbers<Numbers>[];
}

/** weights: shape [outputs, inputs]; biases: shape [outputs], of the last layer padded to 4. */
export interface LayerNumbers<Numbers extends Float32Array | Float64Array> {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Numbers;
  readonly biases: Numbers;
}

/**
 * Random numbers to start from: tables uniform with deviation `initialScale`, layers by He et al. 2015
 * (arXiv:1502.01852), uniform with deviation √(2 / inputs), biases 0.
 */
export function initialParameters(shape: NetworkShape, seed: number, initialScale: number): Parameters<Float32Array> {
  const tables = shape.tables.map(({ rows, dimension, stride }, t) => {
    const vectors = new Float32Array(rows * stride);
    for (let row = 0; row < rows; row++) {
      const random = new Random(seed, PURPOSE_TABLE, row, t);
      for (let d = 0; d < dimension; d++) vectors[row * stride + d] = deviate(random) * initialScale;
    }
    return vectors;
  });
  const layers = layerSizes(shape).map(({ inputs, outputs, biases }, l) => {
    const weights = new Float32Array(inputs * outputs);
    const places = l === 0 ? shape.places : [...Array(shape.trueHidden[l - 1] ?? 0).keys()];
    const deviation = Math.sqrt((l === shape.hidden.length ? 1 : 2) / places.length);
    for (let o = 0; o < (shape.trueHidden[l] ?? 1); o++) {
      const random = new Random(seed, PURPOSE_LAYER, o, l);
      for (const place of places) weights[o * inputs + place] = deviate(random) * deviation;
    }
    return { inputs, outputs, weights, biases: new Float32Array(biases) };
  });
  return { tables, scales: shape.tables.map(() => 1), layers };
}

/** Uniform with mean 0 and deviation 1. */
function deviate(random: Random): number {
  return (2 * random.uniform() - 1) * 1.7320508075688772;
}

/** Padded inputs and outputs of every layer; the last gives one number. */
export function layerSizes({
  width,
  hidden,
}: NetworkShape): { readonly inputs: number; readonly outputs: number; readonly biases: number }[] {
  const sizes = hidden.map((outputs, l) => ({ inputs: hidden[l - 1] ?? width, outputs, biases: outputs }));
  return [...sizes, { inputs: hidden.at(-1) ?? width, outputs: 1, biases: 4 }];
}

/** The network without padding; scales are multiplied into the tables. */
export function networkFromParameters(
  shape: NetworkShape,
  { tables, scales, layers }: Parameters<Float32Array>,
  logitOffset: number,
): ClickNetwork {
  return {
    tables: shape.tables.map(({ rows, dimension, stride }, t) => {
      const vectors = new Float32Array(rows * dimension);
      const from = tables[t] ?? vectors;
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < dimension; d++) {
          vectors[row * dimension + d] = (from[row * stride + d] ?? 0) * (scales[t] ?? 1);
        }
      }
      return { dimension, vectors };
    }),
    products: shape.productInputs,
    layers: layers.map((layer, l) => unpadLayer(shape, layer, l)),
    logitOffset,
  };
}

function placesOf(shape: NetworkShape, layer: number): readonly number[] {
  return layer === 0 ? shape.places : [...Array(shape.trueHidden[layer - 1] ?? 0).keys()];
}

function unpadLayer(shape: NetworkShape, layer: LayerNumbers<Float32Array>, l: number): DenseLayer {
  const places = placesOf(shape, l);
  const outputs = shape.trueHidden[l] ?? 1;
  const weights = new Float32Array(outputs * places.length);
  for (let o = 0; o < outputs; o++) {
    places.forEach((place, i) => (weights[o * places.length + i] = layer.weights[o * layer.inputs + place] ?? 0));
  }
  return { inputs: places.length, outputs, weights, biases: layer.biases.slice(0, outputs) };
}

/** A trained network in padded form, to predict with; the counterpart of `networkFromParameters`. */
export function parametersFromNetwork(shape: NetworkShape, network: ClickNetwork): Parameters<Float32Array> {
  return {
    tables: shape.tables.map(({ rows, dimension, stride }, t) => {
      const vectors = new Float32Array(rows * stride);
      const from = network.tables[t]?.vectors ?? new Float32Array(0);
      padRows(from, dimension, vectors, stride);
      return vectors;
    }),
    scales: shape.tables.map(() => 1),
    layers: layerSizes(shape).map(({ inputs, outputs }, l) => {
      const layer = network.layers[l];
      const places = placesOf(shape, l);
      const weights = new Float32Array(inputs * outputs);
      const biases = new Float32Array(roundUp(outputs));
      biases.set(layer?.biases ?? []);
      layer?.biases.forEach((_, o) => {
        places.forEach((place, i) => (weights[o * inputs + place] = layer.weights[o * layer.inputs + i] ?? 0));
      });
      return { inputs, outputs, weights, biases };
    }),
  };
}
