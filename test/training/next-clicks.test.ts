import { describe, expect, test } from 'vitest';
import { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { Random } from '../../src/numerics/random.js';
import { chooseForNext, type TrialOptions } from '../../src/training/next-clicks.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';

/** Users click inside one of six groups of eight categories; a few clicks stray. */
function groupedLog(clicks: number) {
  const random = new Random(3);
  const users: string[] = [];
  const items: string[] = [];
  for (let user = 0; user < 250; user++) {
    const group = random.below(6);
    for (let click = 0; click < clicks; click++) {
      users.push(`u${user}`);
      items.push(`g${random.below(12) === 0 ? random.below(6) : group} c${random.below(8)}`);
    }
  }
  return historiesFromArrays(users, items);
}

/** Users click pairs that go together, several of 120: what takes a model more epochs than groups do. */
function pairsLog() {
  const random = new Random(5);
  const users: string[] = [];
  const items: string[] = [];
  for (let user = 0; user < 400; user++) {
    for (let pair = 0; pair < 6; pair++) {
      const of = random.below(120);
      users.push(`u${user}`, `u${user}`);
      items.push(`a${of}`, `b${of}`);
    }
  }
  return historiesFromArrays(users, items);
}

/** Each user clicks four of a ring of so many categories, side by side. */
function ringLog(categories: number) {
  const users = Array.from({ length: 4 * categories }, (_, click) => `u${Math.floor(click / 4)}`);
  const items = users.map((_, click) => `c${(Math.floor(click / 4) + (click % 4)) % categories}`);
  return historiesFromArrays(users, items);
}

/** What a choice on a ring tries, where a trial puts so large a share of the categories in their places. */
async function choiceOnRing(categories: number, shareOf: (tried: TrialOptions) => number) {
  const asked: TrialOptions[] = [];
  const chosen = await chooseForNext(ringLog(categories), { seed: 1 }, async ({ vocabulary }, tried) => {
    asked.push(tried);
    const share = shareOf(tried);
    const vectors = Float32Array.from(
      vocabulary.keys.flatMap((key) => placeOf(Number(key.slice(1)), share, categories)),
    );
    return new Embedding({ vocabulary, dimension: 2, vectors, outputVectors: vectors.slice() });
  });
  return { asked, chosen };
}

/** A place on a circle, the right one for the first of the categories. */
function placeOf(category: number, share: number, categories: number): [number, number] {
  const angle = (2 * Math.PI * category * (category < share * categories ? 1 : 31)) / categories;
  return [Math.cos(angle), Math.sin(angle)];
}

const options = { goal: 'next', dimension: 8, seed: 2, measuresChance: false } as const;

async function trained(log: ReturnType<typeof groupedLog>, given: object) {
  const reasons: string[] = [];
  const embedding = await trainEmbedding(
    log,
    { ...options, ...given },
    { onEpochs: ({ reason }) => reasons.push(reason) },
  );
  return { embedding, reasons };
}

describe('trainEmbedding for next clicks', () => {
  test('chooses the model by held-out clicks, says so and keeps the choice', async () => {
    const { embedding, reasons } = await trained(groupedLog(6), { threads: 1 });
    expect(reasons).toEqual([
      expect.stringMatching(
        /^(the spectral model|(3|10|20) epochs of the pooled model): of 250 clicks held out, .* 0\.\d+ by 3 epochs/,
      ),
    ]);
    const { model, epochs } = embedding.provenance.options ?? {};
    expect(model === 'spectral' ? 'the spectral model' : `${JSON.stringify(epochs)} epochs of the pooled model`).toBe(
      reasons[0]?.slice(0, reasons[0].indexOf(':')),
    );
  });

  test('tries 20 epochs of many categories only where 10 were ahead', async () => {
    const { asked } = await choiceOnRing(1024, ({ epochs }) => (epochs === 3 ? 0.5 : 0.2));
    expect(asked).toEqual([{ epochs: 0 }, { epochs: 3 }, { epochs: 10 }]);
  });

  test('tries 20 epochs of few categories, and takes them where they are ahead', async () => {
    const { embedding, reasons } = await trained(pairsLog(), { threads: 1 });
    expect(reasons).toEqual([expect.stringMatching(/ by 3 epochs of the pooled model, 0\.\d+ by 20 epochs/)]);
    expect(reasons[0]).toContain(
      `${JSON.stringify(embedding.provenance.options?.epochs)} epochs of the pooled model: `,
    );
    expect(embedding.provenance.options?.epochs).toBe(20);
  });

  test.each([
    ['gain', 10, 0.9, true],
    ['gain, and takes them for the epochs found', 20, 0.5, true],
    ['do not gain', 10, 0.5, false],
  ])('asks ten epochs of many categories whether 1,024 negatives %s', async (_, best, share, isTaken) => {
    const { asked, chosen } = await choiceOnRing(4096, ({ epochs, sharedNegatives }) =>
      sharedNegatives === undefined ? Math.min(epochs, best) / (2 * best) : share,
    );
    const more = { epochs: 10, sharedNegatives: 1024 };
    expect(asked).toEqual([{ epochs: 0 }, { epochs: 3 }, { epochs: 10 }, { epochs: 20 }, more]);
    expect(chosen.epochs).toBe(best);
    expect(chosen.sharedNegatives).toBe(isTaken ? 1024 : undefined);
    expect(chosen.reason).toMatch(/ by 10 epochs of the pooled model with 1024 shared negatives$/);
  });

  test.each([
    ['256 are many of few categories', 4095, 20, [0, 3, 10, 20]],
    ['categories are fewer still', 1023, 20, [0, 3, 20]],
    ['fewer than ten epochs are best', 4096, 3, [0, 3, 10]],
  ])('tries no more negatives where %s', async (_, categories, best, expected) => {
    const { asked } = await choiceOnRing(categories, ({ epochs }) => Math.min(Math.max(1, epochs), best) / 25);
    expect(asked).toEqual(expected.map((epochs) => ({ epochs })));
  });

  test('gives the same bits at any thread count, and again with the options that were stored', async () => {
    const log = groupedLog(6);
    const { embedding } = await trained(log, { threads: 1 });
    const other = await trained(log, { threads: 2 });
    expect(other.embedding.vectors).toEqual(embedding.vectors);
    const { model, epochs } = embedding.provenance.options ?? {};
    const stored = await trained(log, { threads: 1, model, ...(model === 'spectral' ? {} : { epochs }) });
    expect(stored.embedding.outputVectors).toEqual(embedding.outputVectors);
    expect(stored.reasons).toEqual([]);
  });

  test('never takes the spectral model where another was given', async () => {
    const { embedding, reasons } = await trained(groupedLog(6), { threads: 1, model: 'pooled' });
    expect(reasons).toEqual(['10 epochs: what pooled was measured with']);
    expect(embedding.provenance.options).toMatchObject({ model: 'pooled', epochs: 10 });
  });

  test('takes ten epochs where no history can spare a click', async () => {
    const { embedding, reasons } = await trained(groupedLog(2), { threads: 1 });
    expect(reasons).toEqual(['10 epochs: no history can spare a click to choose by']);
    expect(embedding.provenance.options).toMatchObject({ model: 'pooled', epochs: 10 });
  });
});
