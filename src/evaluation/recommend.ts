/** What to show next to someone with a history: categories ranked by the rule that backtest chose, the history's own left out. */
import { checkChoice, checkInteger, InputError, named, sentence } from '../checks.js';
import { admittedRows, type Admission, type NearestOptions } from '../embedding/admission.js';
import { anEmbedding, type Embedding } from '../embedding/embedding.js';
import { checkWeight } from '../embedding/history-mean.js';
import { largestRows } from '../embedding/largest-products.js';
import { buildNearestIndex, type NearestIndex, type QueryProducts, type RunPass } from '../embedding/nearest-index.js';
import { attributesOf, cosineOf, NearestSearch, rowOfCategory, type Neighbor } from '../embedding/nearest.js';
import { pow } from '../numerics/elementary.js';
import { checkCall, inputsKind, listOf } from '../step.js';
import { popularityExponent, type VectorRule } from './vector-ranks.js';

/** Every rule that scores by vectors; see `VectorRule`. */
export const vectorRules: readonly VectorRule[] = ['cosine', 'output', 'cosinePopularity'];

/** Whom to recommend to, and what. At least one of the embedding's categories must weigh something. */
export interface RecommendAsk extends NearestOptions {
  /** categories of the past, each counted once; those that the embedding lacks are skipped */
  readonly history?: readonly string[] | undefined;
  /** one ≥ 0 for each click of the history, which then all count */
  readonly weights?: ArrayLike<number> | undefined;
  /** counts like a click on each; categories of the embedding */
  readonly like?: readonly string[] | undefined;
  /** counts against, as much as a click counts for; categories of the embedding */
  readonly unlike?: readonly string[] | undefined;
  /** how many at most; default 10 */
  readonly k?: number | undefined;
  /** default: the rule that `backtest --store` left in the embedding, else cosine */
  readonly rule?: VectorRule | undefined;
}

/** One category, by the score of the rule. */
export interface Recommendation extends Omit<Neighbor, 'similarity'> {
  readonly score: number;
}

/** A question that has been checked. */
export interface RecommendQuestion {
  readonly rule: VectorRule;
  readonly k: number;
  /** shape [D] */
  readonly direction: Float32Array;
  readonly admission: Admission;
}

const someCategories = { ...listOf('a list of categories'), isOptional: true };
const askKind = inputsKind<RecommendAsk>('an object such as { history, k }', {
  history: true,
  weights: true,
  like: true,
  unlike: true,
  k: true,
  rule: true,
  within: true,
  where: true,
  exclude: true,
});

/** Scores beyond k that are computed again in f64, so that the rounding of f32 decides no order. */
const reviewed = 16;

/**
 * Recommends from one embedding; scores are those of `VectorRule`, with the weights of the clicks. What is searched is
 * copied at the first question of each rule.
 */
export class Recommender {
  /** the rule of questions that name none */
  readonly rule: VectorRule;
  readonly #embedding: Embedding;
  readonly #search: NearestSearch;
  #outputs: NearestIndex | undefined;
  #popularity: Float64Array | undefined;

  /**
   * @param search - a search in the same embedding, whose copy of the vectors is shared; default one of its own
   */
  constructor(embedding: Embedding, search = searchIn(embedding)) {
    const { scoringRule } = embedding.provenance;
    this.#embedding = embedding;
    this.#search = search;
    this.#outputs = search.outputs;
    this.rule = vectorRules.find((rule) => rule === scoringRule) ?? 'cosine';
  }

  /** The k categories of the highest score, the highest first. @throws InputError as `question` */
  recommend(ask: RecommendAsk): Recommendation[] {
    return this.answers([this.question(ask)])[0] ?? [];
  }

  /**
   * Checks a question.
   *
   * @throws InputError where no category of the embedding weighs anything, for an unknown category to like or unlike,
   *   one in both, weights that do not fit, a rule that needs output vectors where there are none, and for what
   *   `NearestOptions` cannot be
   */
  question(asked: RecommendAsk): RecommendQuestion {
    checkCall('recommend({ history, … })', { ask: [asked, askKind] });
    const { history, like, unlike } = asked;
    checkCall('recommend({ history, like, unlike, … })', {
      history: [history, someCategories],
      like: [like, someCategories],
      unlike: [unlike, someCategories],
    });
    const { k = 10, rule = this.rule, ...ask } = asked;
    checkInteger('k', k, { min: 1 });
    this.#checkRule(rule);
    const weights = weightsOf(this.#embedding, ask);
    const { within, where, exclude } = ask;
    const own = [...weights.keys()];
    return {
      rule,
      k,
      direction: weightedMean(this.#embedding, weights, rule !== 'output'),
      admission: admittedRows(this.#embedding, own, { within, where, exclude }),
    };
  }

  /** The answers to some questions, in their order; equal scores in vocabulary order. */
  answers(questions: readonly RecommendQuestion[]): Recommendation[][] {
    const answers = this.#answerNearly(questions);
    for (const { index, some } of this.#passes(questions, answers)) {
      const products = index.products(some.map(([, { direction }]) => direction));
      this.#rankAll(some, products, answers);
    }
    return answers.map((answer) => answer ?? []);
  }

  /** The same by passes that run elsewhere. @internal */
  async answersBy(questions: readonly RecommendQuestion[], run: RunPass): Promise<Recommendation[][]> {
    const answers = this.#answerNearly(questions);
    const passes = this.#passes(questions, answers).map(({ index, some }) =>
      run(
        index,
        some.map(([, { direction }]) => direction),
        (products) => this.#rankAll(some, products, answers),
      ),
    );
    await Promise.all(passes);
    return answers.map((answer) => answer ?? []);
  }

  /** Answers by the groups of rows that are nearest, where cosines alone rank; undefined where the search is exact. */
  #answerNearly(questions: readonly RecommendQuestion[]): (Recommendation[] | undefined)[] {
    return questions.map((question) => {
      const { rule, direction, k, admission } = question;
      const products = rule === 'cosine' ? this.#search.nearly(direction, k, admission) : undefined;
      return products && this.#rank(question, products);
    });
  }

  /** Questions of one index that have no answer, as many as one of its passes takes, each with its place. */
  #passes(
    questions: readonly RecommendQuestion[],
    answers: readonly (Recommendation[] | undefined)[],
  ): { readonly index: NearestIndex; readonly some: readonly (readonly [number, RecommendQuestion])[] }[] {
    return [false, true].flatMap((isOutput) => {
      const asked = [...questions.entries()].filter(
        ([at, { rule }]) => answers[at] === undefined && (rule === 'output') === isOutput,
      );
      const { most } = this.#search;
      return Array.from({ length: Math.ceil(asked.length / most) }, (_, i) => ({
        index: isOutput ? this.#outputIndex() : this.#search.index,
        some: asked.slice(i * most, (i + 1) * most),
      }));
    });
  }

  #rankAll(
    asked: readonly (readonly [number, RecommendQuestion])[],
    products: readonly QueryProducts[],
    answers: (Recommendation[] | undefined)[],
  ): void {
    asked.forEach(([at, question], i) => {
      const own = products[i];
      if (own !== undefined) answers[at] = this.#rank(question, own);
    });
  }

  #rank(
    { rule, k, direction, admission: { isAdmitted } }: RecommendQuestion,
    products: QueryProducts,
  ): Recommendation[] {
    const { vocabulary } = this.#embedding;
    const rough = rule === 'cosinePopularity' ? popularProducts(products, this.#popularities()) : products;
    const scores = Array.from(largestRows(rough, k + reviewed, isAdmitted), (row) => ({
      row,
      score: this.#score(rule, direction, row),
    }));
    return scores
      .sort((a, b) => b.score - a.score || a.row - b.row)
      .slice(0, k)
      .map(({ row, score }) => ({
        category: vocabulary.keyOf(row),
        score,
        count: vocabulary.counts[row] ?? 0,
        attributes: attributesOf(this.#embedding, row),
      }));
  }

  #score(rule: VectorRule, direction: Float32Array, row: number): number {
    const { vectors, outputVectors = vectors, dimension } = this.#embedding;
    if (rule === 'output') {
      return direction.reduce((sum, value, j) => sum + value * (outputVectors[row * dimension + j] ?? 0), 0);
    }
    const cosine = cosineOf(direction, 0, vectors, row, dimension);
    return rule === 'cosine' ? cosine : (1 + cosine) * (this.#popularities()[row] ?? 0);
  }

  #outputIndex(): NearestIndex {
    const { outputVectors, vectors, dimension } = this.#embedding;
    this.#outputs ??= buildNearestIndex(outputVectors ?? vectors, dimension, { most: this.#search.most, rows: 'raw' });
    return this.#outputs;
  }

  #popularities(): Float64Array {
    const { counts } = this.#embedding.vocabulary;
    this.#popularity ??= counts.map((count) => (count > 0 ? pow(count, popularityExponent) : 0));
    return this.#popularity;
  }

  #checkRule(rule: VectorRule): void {
    checkChoice('rule', rule, vectorRules);
    if (rule !== 'output' || this.#embedding.outputVectors !== undefined) return;
    throw new InputError(
      'rule must be cosine or cosinePopularity where an embedding has no output vectors, got output',
    );
  }
}

/** (1 + cosine) × popularity of each row, which ascends with the cosine: bounds stay bounds. */
function popularProducts({ values, strips, exactly, rows: rowAt }: QueryProducts, popularity: Float64Array) {
  const scored = values.map((cosine, place) => (1 + cosine) * (popularity[rowAt?.[place] ?? place] ?? 0));
  const largest = new Float32Array(strips.largest.length).fill(Infinity);
  return {
    values: scored,
    strips: { size: strips.size, largest },
    ...(rowAt && { rows: rowAt }),
    ...(exactly && {
      exactly: (rows: Int32Array) => exactly(rows).map((cosine, i) => (1 + cosine) * (popularity[rows[i] ?? 0] ?? 0)),
    }),
  };
}

function searchIn(embedding: Embedding): NearestSearch {
  checkCall('new Recommender(embedding)', { embedding: [embedding, anEmbedding] });
  return new NearestSearch(embedding);
}

type Weighed = Pick<RecommendAsk, 'history' | 'weights' | 'like' | 'unlike'>;

/** Row → weight of everything that is named and known. */
function weightsOf(
  { vocabulary }: Embedding,
  { history = [], weights, like = [], unlike = [] }: Weighed,
): ReadonlyMap<number, number> {
  if (weights !== undefined && weights.length !== history.length) {
    throw new InputError(
      `weights must have one value for each of the ${history.length} categories, got ${weights.length}`,
    );
  }
  const both = like.find((category) => unlike.includes(category));
  if (both !== undefined) {
    throw new InputError(`a category must be in like or in unlike, got ${JSON.stringify(both)} in both`);
  }
  const total = new Map<number, number>();
  const add = (row: number, weight: number) => total.set(row, (total.get(row) ?? 0) + weight);
  const clicks = weights === undefined ? [...new Set(history)] : history;
  clicks.forEach((category, i) => {
    const weight = checkWeight(weights?.[i] ?? 1);
    const row = vocabulary.rowOf(category);
    if (row !== undefined) add(row, weight);
  });
  for (const category of new Set(like)) add(rowOfCategory(vocabulary, category), 1);
  for (const category of new Set(unlike)) add(rowOfCategory(vocabulary, category), -1);
  if ([...total.values()].some((weight) => weight !== 0)) return total;
  const asked = history.length + like.length + unlike.length;
  throw new InputError(
    asked === 0
      ? sentence`${named('history')} must hold a category of the embedding, got an empty one`
      : total.size === 0
        ? sentence`${named('history')} must hold a category of the embedding, got ${asked} unknown ones`
        : 'weights must be > 0 for a category of the embedding, got 0 for all of them',
  );
}

/** Σ w v / Σ |w|, of unit vectors or of vectors as they are; shape [D]. */
function weightedMean(
  { vectors, dimension }: Embedding,
  weights: ReadonlyMap<number, number>,
  isUnit: boolean,
): Float32Array {
  const sums = new Float64Array(dimension);
  let total = 0;
  for (const [row, weight] of weights) {
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    const length = isUnit ? Math.sqrt(vector.reduce((squares, value) => squares + value * value, 0)) : 1;
    total += Math.abs(weight);
    if (length > 0) vector.forEach((value, j) => (sums[j] = (sums[j] ?? 0) + (weight * value) / length));
  }
  return Float32Array.from(sums, (sum) => sum / total);
}
