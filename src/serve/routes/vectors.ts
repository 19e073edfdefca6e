/** `POST /v1/vectors`: the vectors of categories, or the mean of a history, as numbers or as base64. */
import { z } from 'zod';
import { InputError } from '../../checks.js';
import { defineQuestion } from '../define-route.js';
import { answeredByOf, checkWays, knownKey, originOf, queryOf, splitKeys } from '../embedding-query.js';
import type { ResolvedLimits } from '../limits.js';
import type { EmbeddingVersion } from '../model-version.js';
import * as fields from '../schemas.js';

const vector = z
  .union([z.array(z.number()), z.string()])
  .describe('numbers, or base64 of 32-bit floats, little-endian');

/** The route. */
export function vectorsRoute({ maxKeys }: ResolvedLimits) {
  return defineQuestion({
    path: '/v1/vectors',
    summary: 'Vectors of categories, or the mean vector of a history',
    request: z.strictObject({
      ...fields.modelChoice,
      key: fields.text.optional().describe('one category'),
      keys: fields.keyList(maxKeys, 1).optional().describe('several categories'),
      ...fields.historyFields(maxKeys),
      normalize: fields.flag
        .default(false)
        .describe('at unit length; the mean of a history is then that of unit vectors'),
      matrix: fields
        .oneOf(['vectors', 'output vectors'])
        .default('vectors')
        .describe('which of the two that training adjusts'),
      encoding: fields.oneOf(['floats', 'base64']).default('floats'),
    }),
    response: z.object({
      ...fields.answeredBy,
      alignment: fields.alignment,
      dimension: z.int(),
      vectors: z.array(
        z.object({ category: z.string().nullable().describe('null for a mean'), origin: fields.origin, vector }),
      ),
      unknown: fields.unknownKeys,
    }),
    respond: ({ body, shelf }) =>
      shelf.use('embedding', body, (served) => {
        checkWays(body, ['key', 'keys', 'history']);
        const { embedding } = served;
        const encode = body.encoding === 'base64' ? toBase64 : (numbers: Float32Array) => Array.from(numbers);
        const answer = { ...answeredByOf(served), dimension: embedding.dimension };
        if (body.history !== undefined) {
          if (body.matrix !== 'vectors')
            throw new InputError('matrix must be vectors for a history, got output vectors');
          const { unknown } = queryOf(served, body);
          const mean = embedding.mean(body.history, { weights: body.weights, normalize: body.normalize });
          const vectors = [{ category: null, origin: 'mean of the history', vector: encode(mean.vector) }];
          return { ...answer, vectors, unknown };
        }
        const { known, unknown } = splitKeys(served, body.keys ?? [knownKey(served, body.key ?? '')]);
        const vectors = known.map((category) => {
          const row = rowOf(served, category, body.matrix);
          return {
            category,
            origin: originOf(served, category),
            vector: encode(body.normalize ? atUnitLength(row) : row),
          };
        });
        return { ...answer, vectors, unknown };
      }),
  });
}

function rowOf({ embedding }: EmbeddingVersion, category: string, matrix: 'vectors' | 'output vectors'): Float32Array {
  if (matrix === 'vectors') return embedding.vector(category);
  const { outputVectors, dimension, vocabulary } = embedding;
  if (outputVectors === undefined)
    throw new InputError('matrix must be vectors where an embedding has no output vectors');
  const row = vocabulary.rowOf(category) ?? 0;
  return outputVectors.subarray(row * dimension, (row + 1) * dimension);
}

function atUnitLength(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((squares, value) => squares + value * value, 0));
  return length > 0 ? vector.map((value) => value / length) : vector;
}

/** Little-endian, whatever the machine. */
function toBase64(numbers: Float32Array): string {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes.toString('base64');
}
