import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import type { KeyMatch } from '../../src/embedding/key-match.js';
import { nextClickRanks, nextClickScores, type ScoringRule } from '../../src/evaluation/next-click.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { holdOut, type HeldOut } from '../../src/histories/hold-out.js';
import { Random } from '../../src/numerics/random.js';
import { Vocabulary } from '../../src/vocabulary.js';

const categories = 90;

function drawHistories(seed: number) {
  const random = new Random(seed);
  const users = Array.from({ length: 1500 }, () => `u${random.below(200)}`);
  const items = users.map(() => `c${Math.floor(random.uniform() * random.uniform() * categories)}`);
  return historiesFromArrays(users, items);
}

function embeddingOf(keys: readonly string[], dimension: number, value: (row: number, j: number) => number) {
  const matrix = () =>
    Float32Array.from({ length: keys.length * dimension }, (_, i) => value(Math.floor(i / dimension), i % dimension));
  return new Embedding({
    vocabulary: new Vocabulary(keys, new Float64Array(keys.length).fill(1)),
    dimension,
    vectors: matrix(),
    outputVectors: matrix(),
  });
}

/** Scores written down plainly, in f64, then sorted. */
function plainRanks(
  embedding: Embedding,
  heldOut: HeldOut,
): Record<Exclude<ScoringRule, 'spectral' | 'ease'>, number[]> {
  const { histories, knownItems, knownOffsets, queryHistories, answers } = heldOut;
  const size = histories.vocabulary.size;
  const sets = Array.from({ length: knownOffsets.length - 1 }, (_, h) =>
    Array.from(knownItems.subarray(knownOffsets[h], knownOffsets[h + 1])),
  );
  const count = Array.from({ length: size }, (_, c) => sets.filter((set) => set.includes(c)).length);
  const together = Array.from({ length: size }, (_, a) =>
    Array.from({ length: size }, (_, b) =>
      a === b ? 0 : sets.filter((set) => set.includes(a) && set.includes(b)).length,
    ),
  );
  const shared = Array.from({ length: size }, (_, a) =>
    Array.from({ length: size }, (_, b) =>
      a === b
        ? 0
        : sets.filter((set) => set.includes(a) && set.includes(b)).reduce((sum, set) => sum + 1 / set.length, 0),
    ),
  );
  const vector = (matrix: Float32Array | undefined, c: number) => {
    const row = embedding.vocabulary.rowOf(histories.vocabulary.keyOf(c));
    const { dimension } = embedding;
    return row === undefined ? undefined : Array.from(matrix?.subarray(row * dimension, (row + 1) * dimension) ?? []);
  };
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, j) => sum + x * (b[j] ?? 0), 0);
  const unit = (a: readonly number[]) => a.map((x) => x / Math.max(Math.sqrt(dot(a, a)), 1e-12));
  const mean = (rows: readonly (readonly number[])[]) =>
    Array.from(rows[0] ?? [], (_, j) => rows.reduce((sum, row) => sum + (row[j] ?? 0), 0) / rows.length);
  const rank = (scoreOf: (own: number[], c: number) => number | undefined, tolerance = 1e-6) =>
    Array.from(queryHistories, (history, query) => {
      const own = sets[history] ?? [];
      const answer = answers[query] ?? 0;
      const target = scoreOf(own, answer);
      if (target === undefined) return Infinity;
      const others = Array.from(count.keys())
        .filter((c) => !own.includes(c) && c !== answer)
        .map((c) => (scoreOf(own, c) ?? -Infinity) - target);
      return others.filter((d) => d > tolerance).length + others.filter((d) => Math.abs(d) <= tolerance).length / 2;
    });
  const fromVectors = (score: (history: number[][], c: number) => number | undefined) =>
    rank((own, c) => {
      const rows = own.flatMap((item) => {
        const found = vector(embedding.vectors, item);
        return found === undefined ? [] : [found];
      });
      return rows.length === 0 || vector(embedding.vectors, c) === undefined ? undefined : score(rows, c);
    });
  const cosine = (rows: number[][], c: number) => dot(mean(rows.map(unit)), unit(vector(embedding.vectors, c) ?? []));
  return {
    cosine: fromVectors(cosine),
    output: fromVectors((rows, c) => dot(mean(rows), vector(embedding.outputVectors, c) ?? [])),
    cosinePopularity: fromVectors(
      (rows, c) =>
        (1 + dot(unit(mean(rows.map(unit))), unit(vector(embedding.vectors, c) ?? []))) * (count[c] ?? 0) ** 0.25,
    ),
    popularity: rank((_, c) => count[c] ?? 0),
    coOccurrence: rank((own, c) =>
      own.reduce(
        (sum, i) => sum + (together[i]?.[c] ?? 0) / Math.sqrt(Math.max(count[i] ?? 0, 1) * Math.max(count[c] ?? 0, 1)),
        0,
      ),
    ),
    // shares of histories differ by less than the others' tolerance, and are compared in f32
    itemKnn: rank((own, c) => {
      const divided = (i: number) => Math.max(count[i] ?? 0, 1) ** 0.75 * Math.max(count[c] ?? 0, 1) ** 0.25;
      return Math.fround(own.reduce((sum, i) => sum + (shared[i]?.[c] ?? 0) / divided(i), 0));
    }, 0),
  };
}

describe('nextClickRanks', () => {
  test('agrees with scores written down plainly, categories without a vector included', async () => {
    const random = new Random(3);
    const heldOut = holdOut(drawHistories(1), { leaveDrawn: true });
    const keys = heldOut.histories.vocabulary.keys.filter((_, row) => row % 7 !== 3);
    const embedding = embeddingOf(keys, 6, () => random.uniform() - 0.4);
    const ranks = await nextClickRanks(embedding, heldOut);
    const plain = plainRanks(embedding, heldOut);
    expect(ranks.get('cosine')?.some((rank) => rank === Infinity)).toBe(true);
    const expected = new Map(Object.entries(plain));
    // ease-ranks.test.ts has those of EASE
    const compared = [...ranks].filter(([rule]) => rule !== 'ease');
    for (const [rule, found] of compared) expect([rule, Array.from(found)]).toEqual([rule, expected.get(rule)]);
    expect(compared.length).toBe(6);
  });

  test('ranks by the output rule of the spectral embedding that is given, and by no baseline where none is wanted', async () => {
    const random = new Random(5);
    const heldOut = holdOut(drawHistories(1), { leaveDrawn: true });
    const { keys } = heldOut.histories.vocabulary;
    const [own, spectral] = [0, 0].map(() => embeddingOf(keys, 6, () => random.uniform() - 0.4));
    if (own === undefined || spectral === undefined) throw new Error('two embeddings were made');
    const beside = await nextClickRanks(own, heldOut, { spectral });
    expect(beside.get('spectral')).toEqual((await nextClickRanks(spectral, heldOut)).get('output'));
    const alone = await nextClickRanks(own, heldOut, { spectral, hasBaselines: false });
    expect([...alone.keys()]).toEqual(['cosine', 'output', 'cosinePopularity']);
  });

  test.each([
    ['equal vectors', () => 1],
    ['vectors that differ in length only', (row: number) => 1 + row * 0.013],
    ['vectors of zeros', () => 0],
  ])('ranks by %s in the middle, so that they find nothing', async (_, value) => {
    const heldOut = holdOut(drawHistories(2), { leaveDrawn: true });
    const ranks = await nextClickRanks(embeddingOf(heldOut.histories.vocabulary.keys, 5, value), heldOut);
    const size = heldOut.histories.vocabulary.size;
    const own = (query: number) => {
      const history = heldOut.queryHistories[query] ?? 0;
      return (heldOut.knownOffsets[history + 1] ?? 0) - (heldOut.knownOffsets[history] ?? 0);
    };
    const middle = Array.from(heldOut.answers, (_, query) => (size - own(query) - 1) / 2);
    for (const rule of ['cosine', 'output', 'cosinePopularity'] as const) {
      expect([rule, Array.from(ranks.get(rule) ?? [])]).toEqual([rule, middle]);
    }
  });

  test('gives input vectors that collapsed nothing for what the output vectors know alone', async () => {
    const random = new Random(8);
    const heldOut = holdOut(drawHistories(2), { leaveDrawn: true });
    const { vocabulary, vectors, dimension } = embeddingOf(heldOut.histories.vocabulary.keys, 5, () => 0.3);
    const outputVectors = vectors.map(() => random.uniform());
    const collapsed = new Embedding({ vocabulary, dimension, vectors, outputVectors });
    const ranks = await nextClickRanks(collapsed, heldOut);
    expect(ranks.get('output')).toEqual(ranks.get('cosine'));
  });
});

describe('nextClickScores', () => {
  const heldOut = holdOut(drawHistories(4), { leaveDrawn: true });
  const random = new Random(9);
  const embedding = embeddingOf(heldOut.histories.vocabulary.keys, 8, () => random.uniform() - 0.5);

  test('reports the users that did not choose the rule, with differences of the best to the others', async () => {
    const result = await nextClickScores(embedding, heldOut);
    expect(result.queries + result.validationQueries).toBe(heldOut.answers.length);
    const rules = ['cosine', 'output', 'cosinePopularity', 'popularity', 'coOccurrence', 'itemKnn', 'ease'];
    expect(Object.keys(result.scores)).toEqual(rules);
    expect(result.best).toBe('cosinePopularity');
    expect(result.differences.cosinePopularity).toBeUndefined();
    const { popularity } = result.differences;
    expect(popularity?.HR10.value).toBeCloseTo(
      (result.scores.cosinePopularity?.HR10.value ?? 0) - (result.scores.popularity?.HR10.value ?? 0),
      12,
    );
    for (const { HR10 } of Object.values(result.scores)) {
      expect(HR10.low).toBeLessThanOrEqual(HR10.value);
      expect(HR10.high).toBeGreaterThanOrEqual(HR10.value);
    }
  });

  test('names the baselines that find more than the best of its own rules, best first', async () => {
    const { scores, best, better } = await nextClickScores(embedding, heldOut, { resamples: 0 });
    const hits = (rule: ScoringRule) => scores[rule]?.HR10.value ?? 0;
    const baselines = ['popularity', 'coOccurrence', 'itemKnn', 'ease'] as const;
    expect(better).toEqual(baselines.filter((rule) => hits(rule) > hits(best)).toSorted((a, b) => hits(b) - hits(a)));
    expect(better.length).toBeGreaterThan(0);
  });

  test('tells how the categories of the embedding and of the log met, and refuses another spelling of all', async () => {
    const matches: KeyMatch[] = [];
    await nextClickScores(embedding, heldOut, { resamples: 0 }, { onKeys: (match) => matches.push(match) });
    expect(matches).toEqual([
      expect.objectContaining({ keys: 'categories of the embedding', partner: 'the log', share: 1 }),
    ]);
    const respelled = embeddingOf(
      embedding.vocabulary.keys.map((key) => ` ${key}`),
      2,
      (row, j) => row + j,
    );
    await expect(nextClickScores(respelled, heldOut)).rejects.toThrow(/they differ by spaces alone; write both alike/);
  });

  test('gives nothing to a log whose categories have no vectors', async () => {
    const elsewhere = embeddingOf(['x', 'y'], 2, (row, j) => row + j);
    const { scores, queries, withoutVector } = await nextClickScores(elsewhere, heldOut);
    expect(withoutVector).toBe(queries);
    expect(scores.cosine?.R20).toEqual({ value: 0, low: 0, high: 0 });
    expect(scores.popularity?.R20.value).toBeGreaterThan(0);
  });
});
