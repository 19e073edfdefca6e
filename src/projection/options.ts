/** Every option of a map once: meaning, unit, range, default. */
import type { OptionsOf, TableOf } from '../option-table.js';

/** How a map is drawn: every option of `projectEmbedding`. */
export interface ProjectionOptions {
  /** layout of the map; default tsne */
  readonly method?: 'tsne' | 'pca' | undefined;
  /** what near means; default cosine */
  readonly metric?: 'cosine' | 'euclidean' | undefined;
  /** tsne: effective neighbors, ≤ a third of all; 1 to 1,000; default 30 */
  readonly perplexity?: number | undefined;
  /** tsne: search for neighbors; default auto */
  readonly graph?: 'auto' | 'exact' | 'approximate' | undefined;
  /** tsne: gradient steps; 0 chooses by categories; whole, 0 to 100,000; default 0 */
  readonly iterations?: number | undefined;
  /** tsne: factor on early attraction; 1 to 1,000; default 12 */
  readonly earlyExaggeration?: number | undefined;
  /** tsne: steps that have it, fading from half on; whole, 0 to 100,000; default 150 */
  readonly exaggeratedIterations?: number | undefined;
  /** tsne: step size; 0 chooses by the categories; 0 to 1000000000; default 0 */
  readonly learningRate?: number | undefined;
  /** same seed, same bits, any thread count; whole, ≥ 0; default 1 */
  readonly seed?: number | undefined;
  /** worker threads; 0 uses every processor; whole, 0 to 256; default 0 */
  readonly threads?: number | undefined;
}

/** The table that resolves, checks, documents and prints every option of a map. */
export const projectionOptions = {
  method: { kind: 'choice', isCommon: true, choices: ['tsne', 'pca'], default: 'tsne', help: 'layout of the map' },
  metric: { kind: 'choice', choices: ['cosine', 'euclidean'], default: 'cosine', help: 'what near means' },
  perplexity: { kind: 'number', min: 1, max: 1000, default: 30, help: 'tsne: effective neighbors, ≤ a third of all' },
  graph: {
    kind: 'choice',
    choices: ['auto', 'exact', 'approximate'],
    default: 'auto',
    help: 'tsne: search for neighbors',
  },
  iterations: {
    kind: 'integer',
    min: 0,
    max: 100_000,
    default: 0,
    help: 'tsne: gradient steps; 0 chooses by categories',
  },
  earlyExaggeration: { kind: 'number', min: 1, max: 1000, default: 12, help: 'tsne: factor on early attraction' },
  exaggeratedIterations: {
    kind: 'integer',
    min: 0,
    max: 100_000,
    default: 150,
    help: 'tsne: steps that have it, fading from half on',
  },
  learningRate: { kind: 'number', min: 0, max: 1e9, default: 0, help: 'tsne: step size; 0 chooses by the categories' },
  seed: { kind: 'integer', min: 0, default: 1, help: 'same seed, same bits, any thread count' },
  threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 uses every processor' },
} as const satisfies TableOf<ProjectionOptions>;

/** All options of a map, resolved. */
export type ResolvedProjectionOptions = OptionsOf<typeof projectionOptions>;
