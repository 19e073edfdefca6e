/** What a served embedding is made of, in a form that threads hand over: read and looked through on one, opened on another. */
import { InputError } from '../checks.js';
import { readEmbedding } from '../duckdb/tables/read-embedding.js';
import type { Attribute } from '../embedding/attribute.js';
import { fillBoundedRows, openBoundedIndex, type BoundedRows } from '../embedding/bounded-index.js';
import { Embedding } from '../embedding/embedding.js';
import {
  openClusteredIndex,
  planClusters,
  type ClusteredIndex,
  type ClusterPlan,
} from '../embedding/clustered-index.js';
import { clusterRows } from '../embedding/row-clusters.js';
import type { NearestIndex } from '../embedding/nearest-index.js';
import type { Provenance } from '../embedding/provenance.js';
import { KeyTable } from '../numerics/key-table.js';
import { Vocabulary } from '../vocabulary.js';
import { shared } from './shared.js';

/** How versions are opened. */
export interface OpenOptions {
  /** embeddings of so many categories and more are searched approximately; default none */
  readonly approximateFrom?: number | undefined;
}

/** What is there once, whatever the number of categories. */
export interface ServedHead {
  readonly dimension: number;
  readonly version: string;
  readonly provenance: Provenance;
  readonly counts: Float64Array;
  /** slots of the table of keys */
  readonly slots: Int32Array;
  readonly rows: BoundedRows;
  readonly outputRows: BoundedRows | undefined;
  /** of an approximate search among the rows */
  readonly clusters: ClusterPlan | undefined;
  /** the vectors where rows are padded, else those of `rows` serve */
  readonly vectors: Float32Array | undefined;
  readonly outputVectors: Float32Array | undefined;
}

/** A whole embedding, ready to be opened. */
export interface ServedParts extends ServedHead {
  readonly keys: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** An embedding with what is searched in it. */
export interface ServedEmbedding {
  readonly embedding: Embedding;
  /** questions of a pass */
  readonly most: number;
  readonly index: NearestIndex;
  /** of the output vectors, where there are some */
  readonly outputs: NearestIndex | undefined;
  readonly clusters: ClusteredIndex | undefined;
}

/** Numbers of products that one pass may hold, 4 MB, and the most questions of a pass. */
const [mostProducts, mostQuestions] = [1_000_000, 32];

/**
 * Reads an embedding and looks at each of its numbers: all of the work that grows with it.
 *
 * @param options - from how many categories on rows are clustered
 * @throws InputError as `readEmbedding`, and for an embedding of nothing
 */
export async function readServedParts(path: string, { approximateFrom }: OpenOptions = {}): Promise<ServedParts> {
  const read = await readEmbedding(path);
  const { vocabulary, dimension, vectors, outputVectors, attributes, provenance, version } = read;
  const { size, keys, counts } = vocabulary;
  if (size === 0) throw new InputError(`${JSON.stringify(path)} must hold a category, got none`);
  const most = Math.max(1, Math.min(mostQuestions, Math.floor(mostProducts / size)));
  const { slots, twin } = new KeyTable(keys);
  if (twin !== undefined) throw new InputError(`categories must be distinct, got ${JSON.stringify(twin)} twice`);
  const isPadded = dimension % 4 !== 0;
  const grouped = size >= (approximateFrom ?? Infinity) ? clusterRows(vectors, dimension) : undefined;
  const order = grouped !== undefined && grouped.starts.length > 1 ? grouped.order : undefined;
  const rows = fillBoundedRows(vectors, dimension, { most, rows: 'scaled', order });
  return {
    dimension,
    version,
    provenance,
    counts,
    slots,
    rows,
    clusters: grouped && order && planClusters(rows, grouped, vectors),
    outputRows: outputVectors && fillBoundedRows(outputVectors, dimension, { most, rows: 'raw' }),
    vectors: isPadded ? shared(vectors) : undefined,
    outputVectors: isPadded ? outputVectors && shared(outputVectors) : undefined,
    keys,
    attributes,
  };
}

/** The embedding on the memory that is searched, so that its vectors are there once; rows that need padding are there twice. */
export function openServed(parts: ServedParts): ServedEmbedding {
  const { rows, outputRows, dimension, provenance, attributes, keys, version } = parts;
  const index = openBoundedIndex(rows);
  const outputs = outputRows && openBoundedIndex(outputRows);
  const vectors = index.vectors ?? parts.vectors;
  if (vectors === undefined) throw new Error('a served embedding came without its vectors');
  const vocabulary = new Vocabulary(keys, parts.counts, new KeyTable(keys, parts.slots));
  const outputVectors = outputs?.vectors ?? parts.outputVectors;
  const embedding = new Embedding({ vocabulary, dimension, vectors, outputVectors, attributes, provenance }, version);
  const clusters = parts.clusters && openClusteredIndex(rows, parts.clusters);
  return { embedding, most: rows.most, index, outputs, clusters };
}
