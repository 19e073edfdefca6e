/** Label purity: how often the nearest neighbors of a category share its label, beside what chance and the labels allow. */
import { checkInteger, InputError, named, sentence, type Sentence } from '../checks.js';
import { type Embedding, anEmbedding } from '../embedding/embedding.js';
import { Random } from '../numerics/random.js';
import { checkCall, neededOptionsKind, plainHooks, type StepHooks, type StepProgress } from '../step.js';
import { groupsWithin, type PurityGroup } from './purity-groups.js';
import { labelMatcher, labelsOf, type Labels } from './labels.js';
import { neighborLists } from './neighbor-lists.js';
import { fewLabels, oddLabels } from './odd-labels.js';
import {
  bandScores,
  permutationNull,
  suspectsOf,
  valueScores,
  type BandPurity,
  type PermutationNull,
  type ScoredGroup,
  type Suspect,
  type ValuePurity,
} from './purity-details.js';
import { silhouette } from './silhouette.js';

/** How purity is measured. */
export interface LabelPurityOptions {
  /** attribute whose values are the labels */
  readonly attribute: string;
  /** neighbors looked at, ≥ 1; default 10 */
  readonly k?: number | undefined;
  /** neighbors only among categories with the same value of this attribute; those without a value are a group of their own */
  readonly within?: string | undefined;
  /** splits a label into several values, such as `|` in `Crime|Drama`; labels match where they share a value */
  readonly separator?: string | undefined;
  /** label permutations of the null; default 100, 0 for none */
  readonly permutations?: number | undefined;
  /** most suspects to name; default 20 */
  readonly suspects?: number | undefined;
  /** seed of the permutations, of draws between equally near neighbors, and of the silhouette's sample; default 1 */
  readonly seed?: number | undefined;
}

/** Where a measurement stands. */
export interface MeasureProgress extends StepProgress {
  readonly stage: 'neighbors' | 'ranking';
}

/** What a long measurement tells, and what stops it. */
export type MeasureHooks = StepHooks<MeasureProgress>;

/** How many neighbors are looked at, as an option of steps and commands. */
export const purityOptions = {
  k: { kind: 'integer', min: 1, max: 10_000, default: 10, value: 'count', help: 'neighbors looked at' },
} as const;

const optionKind = neededOptionsKind<LabelPurityOptions>({
  attribute: true,
  k: true,
  within: true,
  separator: true,
  permutations: true,
  suspects: true,
  seed: true,
});

/** Label purity and what stands beside it. All shares are in [0, 1]. */
export interface LabelPurity {
  readonly attribute: string;
  readonly k: number;
  readonly within?: string;
  /** mean over labeled categories of the share of their k nearest labeled neighbors that have the same label */
  readonly purity: number;
  /** what random neighbors would give: Σ n (n − 1) / (N (N − 1)) */
  readonly chance: number;
  /** what perfect neighbors would give, as small labels run out of members: mean of min(k, n − 1) / k */
  readonly ceiling: number;
  /** (purity − chance) / (ceiling − chance): 0 by chance, 1 at the ceiling */
  readonly adjusted: number;
  /** categories measured: labeled and, with `within`, in a group of more than k */
  readonly labeled: number;
  /** distinct labels among them */
  readonly labels: number;
  /** labeled categories left out because their group has k members or fewer */
  readonly leftOut: number;
  /** mean silhouette by cosine distance of all labeled categories; null for multi-valued labels, and within another attribute */
  readonly silhouette: number | null;
  /** categories that the silhouette was measured on: fewer than all where it is a seeded sample */
  readonly silhouetteMeasured: number;
  /** per value, most categories first */
  readonly values: readonly ValuePurity[];
  /** per tenth of the categories by count, most frequent first */
  readonly bands: readonly BandPurity[];
  /** purity under permuted labels */
  readonly null?: PermutationNull;
  /** categories whose neighbors agree on another label */
  readonly suspects: readonly Suspect[];
  /** what a reader must know to trust the figures */
  readonly note?: string;
}

/**
 * Measures label purity@k by cosine. Neighbors come from labeled categories only; where equally near ones compete for
 * the last places, each counts by its chance of a place, so neither order nor equal vectors score; a zero vector comes
 * after all others.
 *
 * @throws InputError for an unknown attribute, too few labeled categories, or labels that every neighbor (or none) would match
 */
export async function labelPurity(
  embedding: Embedding,
  options: LabelPurityOptions,
  hooks: MeasureHooks = {},
): Promise<LabelPurity> {
  checkCall('labelPurity(embedding, { attribute, … }, hooks)', {
    embedding: [embedding, anEmbedding],
    options: [options, optionKind],
    hooks: [hooks, plainHooks],
  });
  const { attribute, within, separator, seed = 1 } = options;
  const labels = labelsOf(embedding, attribute, separator);
  const { groups, leftOut, k } = labeledGroups(embedding, labels, options);
  const measured = groups.reduce((sum, { members }) => sum + members.length, 0);
  const ceiling = meanOf(groups, ({ matches }) => Math.min(k, matches) / k);
  const chance = meanOf(groups, ({ matches, others }) => matches / others);
  if (ceiling - chance < 1e-12) {
    const values = new Set(groups.flatMap(({ members }) => Array.from(members, (member) => labels.codes[member]))).size;
    if (ceiling > 0 && ceiling < 1) {
      throw new InputError(
        sentence`${named('k')} must leave out some of the neighbors that a category can have, got ${k} among
          ${measured} labeled categories, where every order of them gives the same; lower it`,
      );
    }
    const lists = separator === undefined ? listHint(embedding, attribute) : undefined;
    throw new InputError(
      sentence`attribute ${attribute} must have values that some categories share and others do not, got ${values}
        different ${values === 1 ? 'one' : 'ones'} for ${measured} categories${lists}`,
    );
  }
  const scored = await scoreGroups(embedding, labels, { groups, k, seed, measured }, hooks);
  const purity = scored.reduce((sum, { share }) => sum + share.reduce((a, b) => a + b, 0), 0) / measured;
  const permutations = checkInteger('permutations', options.permutations ?? 100, { min: 0, max: 100_000 });
  // between the groups of another attribute it would compare what purity keeps apart
  const apart =
    labels.isMultiValued || within !== undefined
      ? undefined
      : silhouette(embedding.vectors, embedding.dimension, { rows: labels.rows, groups: labels.codes, seed });
  const values = valueScores(labels, scored);
  const trained = trainedOn(embedding, attribute);
  const notes = [
    ...(trained === undefined ? [] : [trained]),
    ...fewLabels({ measured, labeled: measured + leftOut }, embedding),
    ...oddLabels(attribute, values),
  ];
  return {
    attribute,
    k,
    ...(within === undefined ? {} : { within }),
    purity,
    chance,
    ceiling,
    adjusted: (purity - chance) / (ceiling - chance),
    labeled: measured,
    labels: new Set(groups.flatMap(({ members }) => Array.from(members, (member) => labels.codes[member]))).size,
    leftOut,
    silhouette: apart?.silhouette ?? null,
    silhouetteMeasured: apart?.measured ?? 0,
    values,
    bands: bandScores(embedding.vocabulary.counts, labels, scored),
    ...(permutations > 0 ? { null: permutationNull(labels, scored, { k, permutations, seed }) } : {}),
    suspects: suspectsOf(embedding.vocabulary, labels, scored, {
      k,
      most: checkInteger('suspects', options.suspects ?? 20, { min: 0 }),
    }),
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}

const listMarks = [',', ';', '|', '\t'];

/** Where most values look like lists in a text: an example, and what splits them. */
function listHint(embedding: Embedding, attribute: string): Sentence | undefined {
  const texts = Array.from(embedding.attributes.get(attribute) ?? [], (value) => String(value ?? '').trim());
  const given = texts.filter((text) => text !== '');
  const hasMost = (found: readonly string[]): boolean => 2 * found.length > given.length;
  const mark = listMarks.find((each) => hasMost(given.filter((text) => text.includes(each))));
  const bracketed = given.filter((text) => /^\w*(\{.*\}|\[.*\]|\(.*\))$/s.test(text));
  if (mark === undefined && !hasMost(bracketed)) return undefined;
  const example = given.find((text) => text.includes(mark ?? '')) ?? '';
  return sentence`; where values such as ${JSON.stringify(example.slice(0, 60))} are lists, name what separates their
    members with ${named('separator')}${mark === undefined ? '' : ` ${JSON.stringify(mark)}`}`;
}

/**
 * Share of the k nearest that have the same label, category by category; their mean is the purity.
 *
 * @returns rows of the vocabulary that were measured, and their shares in [0, 1], shape [n] each
 * @throws InputError for an unknown attribute or too few labeled categories
 */
export async function labelShares(
  embedding: Embedding,
  options: Pick<LabelPurityOptions, 'attribute' | 'k' | 'within' | 'separator' | 'seed'>,
  hooks: MeasureHooks = {},
): Promise<{ readonly rows: Int32Array; readonly shares: Float64Array }> {
  const { attribute, separator, seed = 1 } = options;
  const labels = labelsOf(embedding, attribute, separator);
  const { groups, k } = labeledGroups(embedding, labels, options);
  const measured = groups.reduce((sum, { members }) => sum + members.length, 0);
  const scored = await scoreGroups(embedding, labels, { groups, k, seed, measured }, hooks);
  return {
    rows: Int32Array.from(scored.flatMap(({ members }) => Array.from(members, (member) => labels.rows[member] ?? 0))),
    shares: Float64Array.from(scored.flatMap(({ share }) => [...share])),
  };
}

/** The groups inside which neighbors are looked for, and how many neighbors. @throws InputError for too few labeled categories */
export function labeledGroups(
  embedding: Pick<Embedding, 'attributes'>,
  labels: Labels,
  { within, ...options }: Pick<LabelPurityOptions, 'k' | 'within'>,
): { readonly groups: readonly PurityGroup[]; readonly leftOut: number; readonly k: number } {
  const k = checkInteger('k', options.k ?? purityOptions.k.default, purityOptions.k);
  const { groups, leftOut } = groupsWithin(embedding, labels, { k, within });
  if (groups.length === 0) throw tooFew(k, labels, within);
  return { groups, leftOut, k };
}

function tooFew(k: number, { rows }: Labels, within: string | undefined): InputError {
  const most = within === undefined ? rows.length : 'fewer in every group';
  return new InputError(
    sentence`${named('k')} must be below the number of categories with a label to compare (${most}), got ${k}; lower
      ${named('k')} or join more labels`,
  );
}

async function scoreGroups(
  embedding: Embedding,
  labels: Labels,
  plan: {
    readonly groups: readonly PurityGroup[];
    readonly k: number;
    readonly seed: number;
    readonly measured: number;
  },
  { onProgress, signal }: MeasureHooks,
): Promise<ScoredGroup[]> {
  const { groups, k, seed } = plan;
  const isMatch = labelMatcher(labels);
  const work = groups.reduce((sum, { members }) => sum + members.length * members.length, 0);
  let done = 0;
  const scored: ScoredGroup[] = [];
  for (const [index, group] of groups.entries()) {
    const codes = Int32Array.from(group.members, (member) => labels.codes[member] ?? 0);
    const share = new Float64Array(codes.length);
    // What ties contribute in expectation, and how many places are left to those that are strictly nearer.
    const certain = new Int32Array(codes.length).fill(k);
    const lists = await neighborLists(embedding.vectors, embedding.dimension, {
      rows: Int32Array.from(group.members, (member) => labels.rows[member] ?? 0),
      k,
      random: new Random(seed, 0x71e5, index),
      onTies(place, ties, slots) {
        certain[place] = k - slots;
        share[place] =
          (slots / k) * (ties === undefined ? chanceOf(group, place) : matchingShare(codes, place, ties, isMatch));
      },
      async onBlock(part) {
        onProgress?.({ stage: 'neighbors', share: (done + part * codes.length * codes.length) / work });
        await new Promise((resolve) => setTimeout(resolve));
        signal?.throwIfAborted();
      },
    });
    for (let place = 0; place < codes.length; place++) {
      const near = lists.subarray(place * k, place * k + (certain[place] ?? k));
      if (near.length > 0)
        share[place] = (share[place] ?? 0) + (near.length / k) * matchingShare(codes, place, near, isMatch);
    }
    done += codes.length * codes.length;
    scored.push({ ...group, lists, share });
  }
  onProgress?.({ stage: 'neighbors', share: 1 });
  return scored;
}

function matchingShare(
  codes: Int32Array,
  place: number,
  others: Int32Array,
  isMatch: (a: number, b: number) => boolean,
): number {
  const own = codes[place] ?? 0;
  let matching = 0;
  for (let i = 0; i < others.length; i++) if (isMatch(own, codes[others[i] ?? 0] ?? 0)) matching++;
  return matching / others.length;
}

function chanceOf({ matches, members }: PurityGroup, place: number): number {
  return (matches[place] ?? 0) / (members.length - 1);
}

function meanOf(
  groups: readonly PurityGroup[],
  value: (member: { readonly matches: number; readonly others: number }) => number,
): number {
  let sum = 0;
  let count = 0;
  for (const { members, matches } of groups) {
    for (const found of matches) sum += value({ matches: found, others: members.length - 1 });
    count += members.length;
  }
  return sum / count;
}

/** Says where the attribute was part of training, because then purity is no independent judge. */
function trainedOn({ provenance }: Embedding, attribute: string): string | undefined {
  const { negativesWithin, options } = provenance;
  return [negativesWithin, options?.negativesWithin].includes(attribute)
    ? `negatives were drawn within ${attribute}, so the vectors were trained on it; judge by another attribute`
    : undefined;
}
