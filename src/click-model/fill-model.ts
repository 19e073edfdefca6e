/** Vectors of a filled embedding for keys that a click model was not trained on. */
import { InputError } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import { checkSpaces } from '../embedding/version.js';
import { aClickModel } from '../click-network/model.js';
import { checkCall, neededOptionsKind } from '../step.js';
import { Vocabulary } from '../vocabulary.js';
import type { SavedClickModel } from './model-description.js';
import { spacesOfModel } from './model-spaces.js';

/** An embedding for the keys that a column's table lacks. */
export interface FillingEmbedding {
  /** a column of the model */
  readonly column: string;
  /** of the same space as the one that the model was trained with, such as `fillCategories` makes it */
  readonly embedding: Embedding;
  /** how messages call it; default `the embedding of COLUMN` */
  readonly name?: string | undefined;
}

/** A model that knows more keys. */
export interface FilledModel {
  readonly model: SavedClickModel;
  /** how the vector of each key that was added came to be: learned, shrunk, from attributes, … */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Gives a click model the vectors of keys that it was not trained on, so that they are no longer read as the unknown category.
 *
 * Only a model of the transfer `features` reads the numbers of an embedding as they are, but for one factor: the
 * least-squares one between the table's rows and the embedding's, over the keys of both. Weights and known rows stay.
 *
 * @throws InputError for a column that the model does not read, a model of another transfer, an embedding of a foreign
 *   space, another dimension, or without a known key
 */
export function fillModel(model: SavedClickModel, filling: FillingEmbedding): FilledModel {
  checkCall('fillModel(model, filling)', {
    model: [model, aClickModel],
    filling: [filling, neededOptionsKind<FillingEmbedding>({ column: true, embedding: true, name: true })],
  });
  const { column, embedding, name = `the embedding of ${column}` } = filling;
  const { encoder, network, provenance } = model;
  const inputs = [...encoder.categorical, ...encoder.lists];
  const at = inputs.find((each) => each.name === column)?.table ?? -1;
  const [keys, table] = [encoder.tables[at], network.tables[at]];
  if (keys === undefined || table === undefined) {
    const known = inputs.map((each) => each.name).join(', ');
    throw new InputError(`embedding must be for one of the columns ${known}, got ${JSON.stringify(column)}`);
  }
  const transfer = provenance.options?.['transfer'];
  if (transfer !== 'features') {
    const got = typeof transfer === 'string' ? transfer : 'none';
    throw new InputError(
      `${name} can be read by a model of the transfer features alone, whose table holds vectors as they are; got ${got}`,
    );
  }
  const space = spacesOfModel(model).find(({ domain }) => domain === keys.domain);
  if (space !== undefined) {
    const { version, alignment } = embedding;
    const advice = 'fill the embedding that the model was trained with, or one trained with --align-to it';
    checkSpaces(
      { name, version, alignment },
      { ...space, name: 'the embedding that the model was trained with' },
      advice,
    );
  }
  const n = table.dimension;
  if (embedding.dimension !== n) {
    throw new InputError(`${name} must have dimension ${n} like the table of ${column}, got ${embedding.dimension}`);
  }
  const factor = factorBetween(keys.vocabulary, table.vectors, embedding, name);
  const added = embedding.vocabulary.keys.filter((key) => keys.vocabulary.rowOf(key) === undefined);
  const vectors = new Float32Array(table.vectors.length + added.length * n);
  vectors.set(table.vectors);
  added.forEach((key, i) => {
    const scaled = embedding.vector(key).map((value) => value * factor);
    vectors.set(scaled, table.vectors.length + i * n);
  });
  const counts = Float64Array.of(...keys.vocabulary.counts, ...added.map(() => 0));
  const vocabulary = new Vocabulary([...keys.vocabulary.keys, ...added], counts);
  const origin = embedding.attributes.get('origin');
  return {
    model: {
      ...model,
      encoder: { ...encoder, tables: encoder.tables.map((each, i) => (i === at ? { ...each, vocabulary } : each)) },
      network: { ...network, tables: network.tables.map((each, i) => (i === at ? { ...each, vectors } : each)) },
    },
    origins: new Map(added.map((key) => [key, String(origin?.[embedding.vocabulary.rowOf(key) ?? -1] ?? 'learned')])),
  };
}

/** Σ table · embedding / Σ embedding², over the keys of both that clicks were seen of. */
function factorBetween(vocabulary: Vocabulary, rows: Float32Array, embedding: Embedding, name: string): number {
  const n = embedding.dimension;
  let [products, squares, known] = [0, 0, 0];
  vocabulary.keys.forEach((key, row) => {
    const own = embedding.vocabulary.rowOf(key);
    if (own === undefined) return;
    known++;
    for (let d = 0; d < n; d++) {
      const value = embedding.vectors[own * n + d] ?? 0;
      products += value * (rows[(row + 1) * n + d] ?? 0);
      squares += value * value;
    }
  });
  if (known === 0) throw new InputError(`${name} must hold keys that the model knows, got none`);
  return squares > 0 ? products / squares : 0;
}
