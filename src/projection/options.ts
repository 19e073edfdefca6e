/** Every option of a map once: meaning, unit, range, default. */
import type { OptionsOf, TableOf } from '../option-table.js';

/** How a map is drawn: every option of `projectEmbedding`. */
export interface ProjectionOptions {
  /** keep neighbors together (tsne), or show the two largest variances (pca); default tsne */
  readonly method?: 'tsne' | 'pca' | undefined;
  /** what near means: same direction (cosine) or small difference (euclidean); default cosine */
  readonly metric?: 'cosine' | 'euclidean' | undefined;
  /** tsne: effective neighbors per category, at most V / 3; 1 to 1,000; default 30 */
  readonly perplexity?: number | undefined;
  /**
   * how tsne finds neighbors: all of them (exact), nearly all (approximate), or all up to 50,000 categories and nearly all
   * beyond (auto); default auto
   */
  readonly graph?: 'auto' | 'exact' | 'approximate' | undefined;
  /** tsne: gradient steps, exaggerated ones included; whole, 0 to 100,000; default 1,000 */
  readonly iterations?: number | undefined;
  /** tsne: factor on the attraction in the first steps; 1 to 1,000; default 12 */
  readonly earlyExaggeration?: number | undefined;
  /** tsne: how many steps those are; whole, 0 to 100,000; default 250 */
  readonly exaggeratedIterations?: number | undefined;
  /** tsne: step size; 0 takes V / 12, at least 200 (or V, if less); 0 to 1000000000; default 0 */
  readonly learningRate?: number | undefined;
  /** same seed, same bits, any thread count; whole, ≥ 0; default 1 */
  readonly seed?: number | undefined;
  /** worker threads; 0 uses every processor; whole, 0 to 256; default 0 */
  readonly threads?: number | undefined;
}

/** The table that resolves, checks, documents and prints every option of a map. */
export const projectionOptions = {
  method: {
    kind: 'choice',
    isCommon: true,
    choices: ['tsne', 'pca'],
    default: 'tsne',
    help: 'keep neighbors together (tsne), or show the two largest variances (pca)',
  },
  metric: {
    kind: 'choice',
    choices: ['cosine', 'euclidean'],
    default: 'cosine',
    help: 'what near means: same direction (cosine) or small difference (euclidean)',
  },
  perplexity: {
    kind: 'number',
    min: 1,
    max: 1000,
    default: 30,
    help: 'tsne: effective neighbors per category, at most V / 3',
  },
  graph: {
    kind: 'choice',
    choices: ['auto', 'exact', 'approximate'],
    default: 'auto',
    help: 'how tsne finds neighbors: all of them (exact), nearly all (approximate), or all up to 50,000 categories and nearly all beyond (auto)',
  },
  iterations: {
    kind: 'integer',
    min: 0,
    max: 100_000,
    default: 1000,
    help: 'tsne: gradient steps, exaggerated ones included',
  },
  earlyExaggeration: {
    kind: 'number',
    min: 1,
    max: 1000,
    default: 12,
    help: 'tsne: factor on the attraction in the first steps',
  },
  exaggeratedIterations: {
    kind: 'integer',
    min: 0,
    max: 100_000,
    default: 250,
    help: 'tsne: how many steps those are',
  },
  learningRate: {
    kind: 'number',
    min: 0,
    max: 1e9,
    default: 0,
    help: 'tsne: step size; 0 takes V / 12, at least 200 (or V, if less)',
  },
  seed: { kind: 'integer', min: 0, default: 1, help: 'same seed, same bits, any thread count' },
  threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 uses every processor' },
} as const satisfies TableOf<ProjectionOptions>;

/** All options of a map, resolved. */
export type ResolvedProjectionOptions = OptionsOf<typeof projectionOptions>;
