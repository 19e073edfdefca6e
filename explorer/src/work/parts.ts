/** What crosses between the page and its worker: tasks one way, progress and embeddings in parts the other. */
import type { FilterOptions, MapQuality, Provenance, TrainingOptions } from 'category2vec/browser';

/** What the worker can be asked for. */
export type Task =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly url: string;
      readonly dimension: number;
      readonly provenance: Provenance;
    }
  | { readonly kind: 'read'; readonly files: readonly File[] }
  | { readonly kind: 'lay out'; readonly space: Omit<SpaceParts, 'coordinates'> }
  | {
      readonly kind: 'train';
      readonly file: File;
      readonly history: string;
      readonly category: string;
      readonly filters: FilterOptions;
      readonly options: TrainingOptions;
    }
  | { readonly kind: 'save'; readonly space: Omit<SpaceParts, 'coordinates'> }
  | { readonly kind: 'compare'; readonly spaces: readonly Omit<SpaceParts, 'coordinates'>[]; readonly k: number };

/** An embedding and its place in the plane, in parts that can be handed from thread to thread. */
export interface SpaceParts {
  readonly name: string;
  /** see categoryTableToBytes */
  readonly table: Uint8Array<ArrayBuffer>;
  readonly dimension: number;
  /** shape [V, D] */
  readonly vectors: Float32Array;
  /** shape [V, D], of what was trained or read in the page */
  readonly outputVectors?: Float32Array | undefined;
  readonly provenance: Provenance;
  /** shape [V, 2] */
  readonly coordinates: Float32Array;
  /** how far the places can be trusted, where it was measured */
  readonly quality?: MapQuality;
  /** what is good to know, in a sentence */
  readonly note?: string;
}

/** What the worker answers: progress any number of times, then a result or the sentence that says what is wrong. */
export type Answer =
  | { readonly kind: 'progress'; readonly step: string; readonly share: number }
  | { readonly kind: 'done'; readonly space: SpaceParts }
  | { readonly kind: 'saved'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'compared'; readonly overlaps: Float64Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly sentence: string };
