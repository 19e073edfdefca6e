/** The formats of other programs in one table: a new one is a row here, and a file with its bytes beside this one. */
import type { Embedding } from '../embedding/embedding.js';
import type { SizedParts } from './bytes.js';
import type { Escape } from './key-text.js';
import { embeddingFromNpy, embeddingToNpy } from './npy.js';
import { embeddingFromProjector, embeddingToProjector } from './projector.js';
import { embeddingFromSafetensors, embeddingToSafetensors } from './safetensors.js';
import type { UnknownRow } from './unknown-row.js';
import { embeddingFromWord2vecBinary, embeddingToWord2vecBinary } from './word2vec-binary.js';
import { embeddingFromWord2vecText, embeddingToWord2vecText } from './word2vec-text.js';

/** What a format may be told, each by the formats that list it in `options`. */
export interface ExchangeOptions {
  /** how keys that the format cannot hold are written, and whether that is undone */
  readonly escape: Escape;
  /** puts the unknown category into row 0 */
  readonly unknownRow?: UnknownRow | undefined;
  /** key of the unknown category in row 0, which is left out when reading */
  readonly unknownKey?: string | undefined;
}

/** One format: how its files are named, and how they become an embedding and are made of one. */
export interface ExchangeRow {
  /** of the file with the vectors, with the dot */
  readonly endings: readonly string[];
  /** first bytes of its files, as Latin-1, where they are always the same */
  readonly signature?: string;
  /** the options that it has a use for */
  readonly options: readonly (keyof ExchangeOptions)[];
  /** name of the file that stands beside, from the name of the one with the vectors; left out where a file is all */
  readonly companion?: (name: string) => string;
  /** @returns contents of the file with the vectors, and of the one beside it */
  readonly write: (embedding: Embedding, options: ExchangeOptions) => readonly Iterable<Uint8Array>[];
  /** @throws InputError for what is not of this format */
  readonly read: (
    vectors: SizedParts | Uint8Array,
    beside: SizedParts | Uint8Array,
    options: ExchangeOptions,
  ) => Promise<Embedding>;
}

/** Every format by its name. */
export const exchangeTable = {
  word2vec: {
    endings: ['.txt', '.vec'],
    options: ['escape'],
    write: (embedding, { escape }) => [embeddingToWord2vecText(embedding, { escape })],
    read: (vectors, _, { escape }) => embeddingFromWord2vecText(vectors, { escape }),
  },
  'word2vec-binary': {
    endings: ['.bin'],
    options: ['escape'],
    write: (embedding, { escape }) => [embeddingToWord2vecBinary(embedding, { escape })],
    read: (vectors, _, { escape }) => embeddingFromWord2vecBinary(vectors, { escape }),
  },
  npy: {
    endings: ['.npy'],
    signature: '\u0093NUM',
    options: ['unknownRow', 'unknownKey'],
    companion: (name) => `${name.replace(/\.npy$/i, '')}.keys.json`,
    write: (embedding, { unknownRow }) => {
      const { matrix, keys } = embeddingToNpy(embedding, { unknownRow });
      return [matrix, keys];
    },
    read: (vectors, keys, { unknownKey }) => embeddingFromNpy(vectors, keys, { unknownKey }),
  },
  safetensors: {
    endings: ['.safetensors'],
    options: ['unknownRow'],
    write: (embedding, { unknownRow }) => [embeddingToSafetensors(embedding, { unknownRow })],
    read: (vectors) => embeddingFromSafetensors(vectors),
  },
  projector: {
    endings: ['.tsv'],
    options: ['escape'],
    companion: (name) => {
      const stem = name.replace(/\.(tsv|txt)$/i, '');
      return stem === 'vectors' ? 'metadata.tsv' : `${stem}.metadata.tsv`;
    },
    write: (embedding, { escape }) => {
      const { vectors, metadata } = embeddingToProjector(embedding, { escape });
      return [vectors, metadata];
    },
    read: (vectors, metadata, { escape }) => embeddingFromProjector(vectors, metadata, { escape }),
  },
} as const satisfies Readonly<Record<string, ExchangeRow>>;
