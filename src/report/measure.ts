/** Everything that a report says, measured: maps, purity in the space and in the plane, neighbors, frequency, differences. */
import { checkInteger, InputError } from '../checks.js';
import type { Embedding } from '../embedding/embedding.js';
import { labelPurity, type LabelPurity } from '../evaluation/label-purity.js';
import { planePurity, type PlanePurity } from '../evaluation/plane-purity.js';
import type { ProjectionOptions } from '../projection/options.js';
import { projectEmbedding, type EmbeddingMap } from '../projection/project-embedding.js';
import { differencesOf, type Differences } from './differences.js';
import { frequencyFigures, type FrequencyFigures } from './frequency.js';
import { nearestLists, type NearestLists } from './nearest-lists.js';
import { objectWith, type StepHooks } from '../step.js';

/** An embedding under the name that the report gives it. */
export interface NamedEmbedding {
  readonly name: string;
  readonly embedding: Embedding;
}

/** What a report looks at. */
export interface ReportOptions {
  /** attributes to judge by, the first one colors the maps; default all that can be judged */
  readonly attributes?: readonly string[] | undefined;
  /** neighbors of each category, from 1 to 100; default 10 */
  readonly k?: number | undefined;
  /** splits a label into several values, such as `|` in `Crime|Drama` */
  readonly separator?: string | undefined;
  /** most suspects to name for each attribute, and most categories whose neighborhoods differ; default 20 */
  readonly suspects?: number | undefined;
  /** how the maps are made */
  readonly projection?: ProjectionOptions | undefined;
}

/** What a report tells, and what stops it. */
export type ReportHooks = StepHooks;

/** Purity by one attribute. */
export interface Judgment {
  readonly space: LabelPurity;
  readonly plane: PlanePurity;
}

/** What is known of one embedding. */
export interface Measured extends NamedEmbedding {
  readonly map: EmbeddingMap;
  readonly lists: NearestLists;
  /** by attribute, in the order asked for */
  readonly judgments: ReadonlyMap<string, Judgment>;
  readonly frequency: FrequencyFigures;
}

/** What a report is written from. */
export interface Measurements {
  /** one, or two of the same categories */
  readonly parts: readonly [Measured, ...Measured[]];
  readonly attributes: readonly string[];
  readonly differences: Differences | undefined;
}

/**
 * Measures one embedding, or two of the same categories in the same order.
 *
 * @throws InputError for an option out of range, categories that differ, fewer than three of them, an attribute that is
 *   unknown or cannot be judged
 */
export async function measureReport(
  embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]],
  { attributes, k: askedK = 10, separator, suspects = 20, projection }: ReportOptions = {},
  hooks: ReportHooks = {},
): Promise<Measurements> {
  const k = checkInteger('k', askedK, { min: 1, max: 100 });
  checkSame(embeddings);
  const parts: Measured[] = [];
  for (const named of embeddings) {
    const { name, embedding } = named;
    const report = (stage: string) => (share: number) => hooks.onProgress?.({ stage: `${stage} ${name}`, share });
    const map = await projectEmbedding(embedding, projection, {
      signal: hooks.signal,
      onProgress: ({ share }) => report('mapping')(share),
    });
    const lists = await nearestLists(embedding, k, { onShare: report('neighbors of'), signal: hooks.signal });
    const judgments = await judge(embedding, map, { attributes, k, separator, suspects }, hooks);
    parts.push({ ...named, map, lists, judgments, frequency: frequencyFigures(embedding, lists) });
  }
  const [first, second] = parts;
  if (first === undefined) throw new InputError('a report needs an embedding, got none');
  return {
    parts: [first, ...parts.slice(1)],
    attributes: [...first.judgments.keys()],
    differences: second === undefined ? undefined : differencesOf(first.lists, second.lists, suspects),
  };
}

/** One embedding or two, as the argument of a step. */
export const someEmbeddings = {
  what: 'a list of one or two { name, embedding }',
  is: (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every(objectWith('', ['name', 'embedding']).is),
};

/** @throws InputError for more than two, for too few categories, and for two that hold other categories */
export function checkSame(embeddings: readonly NamedEmbedding[], what = 'a report'): void {
  const [first, second, ...rest] = embeddings;
  if (rest.length > 0) throw new InputError(`expected one embedding or two to compare, got ${embeddings.length}`);
  const size = first?.embedding.vocabulary.size ?? 0;
  if (size < 3) throw new InputError(`${what} needs at least 3 categories, got ${size}`);
  if (second === undefined) return;
  const others = second.embedding.vocabulary.keys;
  if (others.length !== size || others.some((key, row) => key !== first?.embedding.vocabulary.keyOf(row))) {
    throw new InputError(
      'two embeddings must hold the same categories in the same order; select the shared ones first',
    );
  }
}

/** Attributes that nobody named and that cannot be judged (numbers, all alike, too few) are passed over. */
async function judge(
  embedding: Embedding,
  map: EmbeddingMap,
  {
    attributes,
    ...asked
  }: {
    readonly attributes: readonly string[] | undefined;
    readonly k: number;
    readonly separator: string | undefined;
    readonly suspects: number;
  },
  hooks: ReportHooks,
): Promise<Map<string, Judgment>> {
  const judgments = new Map<string, Judgment>();
  const { k, separator } = asked;
  for (const attribute of attributes ?? embedding.attributes.keys()) {
    if (attributes === undefined && !isLabel(embedding, attribute)) continue;
    try {
      const space = await labelPurity(embedding, { attribute, permutations: 0, ...asked }, { signal: hooks.signal });
      judgments.set(attribute, { space, plane: planePurity(embedding, map.coordinates, { attribute, k, separator }) });
    } catch (error) {
      if (attributes !== undefined || !(error instanceof InputError)) throw error;
    }
  }
  return judgments;
}

/** Whether values recur: of an identifier or a measured number hardly any two categories have the same. */
function isLabel({ attributes }: Embedding, attribute: string): boolean {
  const present = (attributes.get(attribute) ?? []).filter((value) => value !== null && value !== '');
  return new Set(present).size <= present.length / 2;
}
