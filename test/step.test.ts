/** What callers get wrong is told in one sentence: swapped, missing and unnamed arguments of every step. */
import { describe, expect, test } from 'vitest';
import * as library from '../src/index.js';

const histories = library.historiesFromRows([
  ['a', 'b'],
  ['a', 'c'],
]);
const embedding = new library.Embedding({
  vocabulary: histories.vocabulary,
  dimension: 2,
  vectors: Float32Array.of(1, 0, 0, 1, 1, 1),
});

const rows = [
  { ad: 'x', hit: 0 },
  { ad: 'y', hit: 1 },
];
const impressions = library.impressionsFromRows(rows, { label: 'hit', categorical: ['ad'] });
const split = library.splitImpressions(impressions, { split: [50, 50, 0] });
const encoder = library.fitEncoder(impressions, Uint32Array.of(0, 1));

/** Calls from plain JavaScript, where no types stop them. */
const wrong: readonly (readonly [title: string, step: unknown, args: readonly unknown[], sentence: RegExp])[] = [
  [
    'swapped arguments',
    library.trainEmbedding,
    [{ dimension: 8 }, histories],
    /^histories must be what historiesFromRows, .* gives, got an object with dimension; call trainEmbedding\(/,
  ],
  ['no arguments', library.trainEmbedding, [], /^histories must be .*, got undefined; call trainEmbedding\(/],
  ['a promise', library.trainEmbedding, [Promise.resolve(histories)], /got a Promise; await it first; call/],
  [
    'an unknown option',
    library.trainEmbedding,
    [histories, { dimensions: 8 }],
    /^dimensions is not an option of trainEmbedding\(.*; did you mean "dimension"\?$/,
  ],
  [
    'data among the hooks',
    library.trainEmbedding,
    [histories, {}, { start: embedding }],
    /^start belongs to input, not to hooks; call trainEmbedding\(\{ histories, start, … \}, options, hooks\)$/,
  ],
  [
    'a hook among the options',
    library.trainEmbedding,
    [histories, { onProgress: () => {} }],
    /^onProgress belongs to hooks, not to options; call/,
  ],
  [
    'an unknown hook',
    library.trainEmbedding,
    [histories, {}, { onProgres: () => {} }],
    /^onProgres is not a hook of .*; did you mean "onProgress"\?$/,
  ],
  [
    'a hook that is no function',
    library.trainEmbedding,
    [histories, {}, { onProgress: 3 }],
    /^hooks must be an object/,
  ],
  ['options that are a number', library.trainEmbedding, [histories, 8], /^options must be an object of options, got 8/],
  [
    'options that are null',
    library.trainEmbedding,
    [histories, null],
    /^options must be an object of options, got null/,
  ],
  [
    'an unknown input',
    library.trainEmbedding,
    [{ histories, starts: embedding }],
    /^starts is not an input of .*"start"/,
  ],
  [
    'an embedding in place of histories',
    library.tune,
    [embedding],
    /^histories must be .*, got an Embedding; call tune\(/,
  ],
  ['an unknown option', library.backtest, [histories, { leavelast: true }], /did you mean "leaveLast"\?$/],
  ['the old shape', library.sweep, [[], []], /^input must be an object such as \{ logs, candidates \}, got a list/],
  [
    'swapped arguments',
    library.labelPurity,
    ['topic', embedding],
    /^embedding must be an Embedding, .*, got "topic"; call/,
  ],
  ['an unknown option', library.labelPurity, [embedding, { attribut: 'topic' }], /did you mean "attribute"\?$/],
  [
    'no options where some are needed',
    library.labelPurity,
    [embedding],
    /^options must be an object of options, got undefined/,
  ],
  ['histories in place of an embedding', library.align, [embedding, histories], /^reference must be an Embedding/],
  ['an unknown option', library.align, [embedding, embedding, { robust: true }], /^robust is not an option of align\(/],
  ['a hook among the options', library.align, [embedding, embedding, { onKeys: () => {} }], /^onKeys belongs to hooks/],
  ['swapped arguments', library.selectRows, [[0], embedding], /^embedding must be an Embedding, .*, got a list/],
  ['an unknown option', library.projectEmbedding, [embedding, { methods: 'pca' }], /did you mean "method"\?$/],
  ['an unknown option', library.simulateWorld, [{ user: 3 }], /did you mean "users"\?$/],
  [
    'swapped arguments',
    library.writeEmbedding,
    [embedding, 'a.parquet'],
    /^path must be the path of a file, got an Embedding/,
  ],
  ['the old shape', library.writeEmbedding, ['a.parquet', embedding, { signal: null }], /^signal belongs to hooks/],
  [
    'no path',
    library.readEmbedding,
    [],
    /^path must be the path of a file, got undefined; call readEmbedding\(path\)$/,
  ],
  ['no format', library.exportEmbedding, ['a.txt', embedding], /^options must be an object of options, got undefined/],
  [
    'a model that is an embedding',
    library.writeClickModel,
    ['m', embedding],
    /^model must be a click model, .* Embedding/,
  ],
  ['an unknown option', library.writeWorld, ['w', library.simulateWorld(), { overwrites: true }], /"overwrite"\?$/],
  [
    'the old shape',
    library.writeFeatures,
    ['f.csv', { histories, embedding }, { onProgress: () => {} }],
    /belongs to hooks/,
  ],
  ['swapped arguments', library.historyFeatures, [embedding, histories], /^histories must be .*, got an Embedding/],
  ['an unknown option', library.holdOut, [histories, { leave: 1 }], /^leave is not an option of holdOut\(/],
  ['swapped arguments', library.nextClickScores, [{}, embedding], /^embedding must be .*, got an empty object/],
  ['a table that is a list', library.joinAttributes, [histories.vocabulary, []], /^table must be a Map of attribute/],
  [
    'a table that is an object',
    library.fillCategories,
    [embedding, { topic: {} }],
    /^attributes must be a Map of attribute/,
  ],
  [
    'one embedding',
    library.compareEmbeddings,
    [embedding],
    /^newer must be an Embedding, .*, got undefined; call compareEmb/,
  ],
  [
    'old arguments',
    library.trainTwins,
    [histories, embedding, embedding],
    /^input must be \{ histories, older, newer \}.*; call trainTwins\(\{ /,
  ],
  [
    'rows that are an object',
    library.impressionsFromRows,
    [{ ad: 'x' }, {}],
    /^rows must be a list of objects, .*, got an object with ad/,
  ],
  [
    'an unknown column',
    library.impressionsFromRows,
    [rows, { label: 'hit', categoricals: ['ad'] }],
    /"categorical"\?$/,
  ],
  ['no columns', library.impressionsFromRows, [rows], /^columns must be an object of column names/],
  [
    'rows in place of impressions',
    library.splitImpressions,
    [rows],
    /^impressions must be impressions, as .*, got a list; call/,
  ],
  ['an unknown option', library.splitImpressions, [impressions, { bye: 'user' }], /did you mean "by"\?$/],
  [
    'the old shape',
    library.trainClickModel,
    [{ impressions, split, options: {} }],
    /^options is not an input of trainClickModel\(/,
  ],
  [
    'no split',
    library.trainClickModel,
    [{ impressions }],
    /^split must be a split, as splitImpressions gives it, got undefined/,
  ],
  [
    'an unknown option',
    library.trainClickModel,
    [{ impressions, split }, { hidden1: 3 }],
    /^hidden1 is not an option of .*"hidden"\?$/,
  ],
  [
    'data among the hooks',
    library.trainClickModel,
    [{ impressions, split }, {}, { transfers: [] }],
    /^transfers belongs to input/,
  ],
  [
    'the old shape',
    library.compareTransfers,
    [{ impressions, split, names: ['scratch'] }],
    /^names belongs to options, not to input/,
  ],
  [
    'a transfer that is none',
    library.compareTransfers,
    [{ impressions, split }, { names: ['scrach'] }],
    /did you mean "scratch"\?$/,
  ],
  [
    'no model',
    library.openPredictor,
    [rows],
    /^model must be a click model, as trainClickModel or readClickModel gives it, got a list/,
  ],
  ['swapped arguments', library.predictClicks, [rows, {}], /^model must be a click model/],
  [
    'an unknown option',
    library.encodeImpressions,
    [impressions, encoder, { onKeys: () => {} }],
    /^onKeys belongs to hooks/,
  ],
  [
    'no encoder',
    library.encodeImpressions,
    [impressions],
    /^encoder must be the encoder of a click model, got undefined/,
  ],
  [
    'an unknown option',
    library.fitEncoder,
    [impressions, split.training, { minCounts: 2 }],
    /did you mean "minCount"\?$/,
  ],
];

describe('an embedding', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a category that is a number', () => ask('vector', [3]), /^category must be text/],
    ['a history that is text', () => ask('mean', ['a']), /^history must be a list of categories, got "a"/],
    ['an unknown option of mean', () => ask('mean', [['a'], { weight: [1] }]), /did you mean "weights"\?$/],
    [
      'an unknown option of nearest',
      () => ask('nearest', ['a', 1, { without: ['b'] }]),
      /^without is not an option of embedding\.nearest\(/,
    ],
    ['a query of unknown words', () => ask('nearest', [{ likes: ['a'] }]), /^likes is not a query of .*"like"\?$/],
    ['a query that is a number', () => ask('nearest', [3]), /^query must be a category, a list/],
    ['numbers in place of a vector', () => ask('nearest', [[1, 0]]), /a vector is a Float32Array$/],
    [
      'attributes that are text',
      () => ask('with', [{ attributes: { topic: 'x' } }]),
      /^attribute topic must be a list with one value/,
    ],
    ['an unknown change', () => ask('with', [{ attribute: {} }]), /^attribute is not a change of .*"attributes"\?$/],
    ['no parts', () => Reflect.construct(library.Embedding, []), /^parts must be an object such as/],
  ])('refuses %s', (_, act, sentence) => {
    expect(act).toThrow(sentence);
  });

  test('takes attributes by row or by category, in a map or a plain object', () => {
    const byRow = { topic: ['x', 'y', null] };
    const byKey = new Map([
      [
        'topic',
        new Map([
          ['a', 'x'],
          [histories.vocabulary.keyOf(1), 'y'],
        ]),
      ],
    ]);
    for (const attributes of [byRow, new Map(Object.entries(byRow)), byKey]) {
      expect([...embedding.with({ attributes }).attributes]).toEqual([['topic', ['x', 'y', null]]]);
    }
  });

  test('finds what is like some categories, unlike others, or both', () => {
    const names = (query: library.NearestQuery): string[] =>
      embedding.nearest(query, 3).map(({ category }) => category);

    expect(names({ like: ['a'] })).toEqual(names(['a']));
    expect(names({ unlike: ['a'] })).not.toContain('a');
  });
});

describe('a step', () => {
  test.each(wrong)('refuses %s: %o', async (_, step, args, sentence) => {
    expect(await refusal(step, args)).toMatch(sentence);
  });
});

/** Calls a method of the embedding as no type would let it be called. */
function ask(method: 'vector' | 'mean' | 'nearest' | 'with', args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(embedding, method);
  return typeof found === 'function' ? Reflect.apply(found, embedding, args) : undefined;
}

/** The message of an InputError, or what happened instead. */
async function refusal(step: unknown, args: readonly unknown[]): Promise<string> {
  if (typeof step !== 'function') throw new Error('no step');
  try {
    await Reflect.apply(step, undefined, args);
    return 'accepted';
  } catch (error) {
    return error instanceof library.InputError ? error.message : String(error);
  }
}
