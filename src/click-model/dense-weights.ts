/** The dense layers of a click model as a safetensors file, which Node and browsers read. */
import { InputError } from '../checks.js';
import type { DenseLayer } from '../click-network/model.js';
import { ByteReader, matrixParts } from '../formats/bytes.js';
import { readTensorHeader, tensorHeader } from '../formats/tensor-header.js';
import { clickModelFiles, type LayerShape } from './model-description.js';

/** The weights of layers as a safetensors file. */
export function* layersToBytes(layers: readonly DenseLayer[]): Generator<Uint8Array> {
  const tensors = new Map<string, { type: string; shape: number[] }>();
  layers.forEach(({ inputs, outputs }, i) => {
    tensors.set(`layers.${i}.weights`, { type: 'F32', shape: [outputs, inputs] });
    tensors.set(`layers.${i}.biases`, { type: 'F32', shape: [outputs] });
  });
  yield tensorHeader(tensors, {});
  for (const { weights, biases } of layers) {
    yield* matrixParts(weights);
    yield* matrixParts(biases);
  }
}

/** Reads the weights of layers from a safetensors file. @throws InputError for a damaged file, and for one of other layers */
export async function layersFromBytes(reader: ByteReader, layers: readonly LayerShape[]): Promise<DenseLayer[]> {
  const { tensors } = await readTensorHeader(reader);
  const matrices = new Map<string, Float32Array>();
  for (const [name, { type, shape, bytes }] of tensors) {
    if (type !== 'F32') throw new InputError(`expected the tensor ${name} to be F32, got ${type}`);
    const matrix = await reader.readNumbers(bytes / 4, Float32Array, (length) => new Float32Array(length));
    if (matrix === undefined) throw new InputError(`the safetensors file is truncated inside the tensor ${name}`);
    matrices.set(`${name} [${shape.join(', ')}]`, matrix);
  }
  if (await reader.fill(1)) throw new InputError('the safetensors file is longer than its header says');
  const read = layers.map(({ inputs, outputs }, i) => ({
    inputs,
    outputs,
    weights: tensorOf(matrices, `layers.${i}.weights [${outputs}, ${inputs}]`),
    biases: tensorOf(matrices, `layers.${i}.biases [${outputs}]`),
  }));
  checkWeights(read);
  return read;
}

function tensorOf(matrices: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const matrix = matrices.get(name);
  if (matrix !== undefined) return matrix;
  throw new InputError(
    `expected a tensor ${name}, as ${clickModelFiles.description} says, got ${[...matrices.keys()].join(', ')}`,
  );
}

/** @throws InputError for a number that is not finite */
export function checkWeights(layers: readonly DenseLayer[]): void {
  layers.forEach(({ weights, biases }, i) => {
    for (const [name, values] of Object.entries({ weights, biases })) {
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at >= 0) throw new InputError(`layers.${i}.${name} must be finite, got ${values[at]} at ${at}`);
    }
  });
}
