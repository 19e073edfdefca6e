/**
 * Every exported function, called from plain JavaScript with nothing, with text, with swapped arguments and with an
 * unknown option.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as browser from '../src/browser.js';
import * as library from '../src/index.js';
import * as onnx from '../src/onnx/click-model-onnx.js';
import * as report from '../src/report/report.js';
import * as serve from '../src/serve/serve.js';
import * as spark from '../src/spark/read-spark-histories.js';

const entries: readonly (readonly [name: string, exported: Readonly<Record<string, unknown>>])[] = [
  ['index', library],
  ['browser', browser],
  ['onnx', onnx],
  ['report', report],
  ['serve', serve],
  ['spark', spark],
];

const histories = library.historiesFromRows([
  ['a', 'b'],
  ['a', 'c'],
]);
const { vocabulary } = histories;
const embedding = new library.Embedding({ vocabulary, dimension: 2, vectors: Float32Array.of(1, 0, 0, 1, 1, 1) });
const impressions = library.impressionsFromRows(
  [
    { ad: 'x', user: 'u', hit: 0 },
    { ad: 'y', user: 'v', hit: 1 },
  ],
  { label: 'hit', categorical: ['ad'], user: 'user' },
);
const split = library.splitImpressions(impressions, { split: [50, 50, 0] });
const encoder = library.fitEncoder(impressions, Uint32Array.of(0, 1));
const rows = library.encodeImpressions(impressions, encoder);
const network = { tables: [], layers: [], products: [], logitOffset: 0 };
const model = { encoder, network, provenance: {} };
const table = new Map([['topic', new Map([['a', 'x']])]]);
const match = { keys: 'users', partner: 'a log', distinct: 2, matched: 1, share: 0.5 };
const ids = { version: '1', alignment: '1' };
const side = { ...ids, name: 'one' };
const bytes = Uint8Array.of(1, 2, 3);
const options = {};
const prepared = { manifest: options, categoryKeys: [], readShard: () => undefined };

/** Arguments as they should be, of every exported function; an empty object stands where options do. */
const calls: Readonly<Record<string, readonly unknown[]>> = {
  align: [embedding, embedding, options],
  asTrials: [[]],
  backtest: [histories, options],
  chanceOfCategory: [embedding, 'a'],
  checkSpaces: [side, side, 'train anew'],
  clickCount: [histories],
  clickMetrics: [[0, 1], [0.5, 0.5], options],
  clickModelFromFiles: [new Map([['model.json', bytes]])],
  clickModelToOnnx: [model, options],
  compareEmbeddings: [embedding, embedding, options],
  compareTransfers: [{ impressions, split }, options],
  describeMatch: [match],
  drawLearningCurves: [
    { title: 'a', measure: 'AUC', curves: [{ name: 'b', points: [{ share: 1, value: 0, low: 0, high: 0 }] }] },
  ],
  embeddingFromNpy: [bytes, bytes, options],
  embeddingFromParquet: [bytes],
  embeddingFromProjector: [bytes, bytes, options],
  embeddingFromSafetensors: [bytes],
  embeddingFromWord2vecBinary: [bytes, options],
  embeddingFromWord2vecText: [bytes, options],
  embeddingToSafetensors: [embedding, options],
  encodeImpressions: [impressions, encoder, options],
  exportEmbedding: ['a.txt', embedding, { format: 'word2vec-text' }],
  fillCategories: [embedding, table, options],
  fillModel: [model, [{ column: 'ad', embedding }], 1],
  fitEncoder: [impressions, Uint32Array.of(0), options],
  Embedding: [{ vocabulary, dimension: 2, vectors: embedding.vectors }],
  GatheredKeys: [],
  historiesFromArrays: [['u'], ['a'], options],
  historiesFromRows: [[['a', 'b']], options],
  historiesOfPrepared: [prepared, options],
  historyAt: [histories, 0],
  historyCount: [histories],
  historyFeatures: [histories, embedding, options],
  holdOut: [histories, options],
  importEmbedding: ['a.txt', { format: 'word2vec-text' }],
  impressionsFromRows: [[{ ad: 'x' }], { categorical: ['ad'] }],
  joinAttributes: [vocabulary, table, options],
  judgeClickModel: [{ model, result: {}, rows }, split],
  labelPurity: [embedding, { attribute: 'topic' }],
  leaveOneLogOut: [[], 'HR10'],
  matchKeys: [['a'], vocabulary, { keys: 'users', partner: 'a log' }],
  matchWarning: [match],
  memoryNeed: [histories, options],
  nestedFraction: [Uint32Array.of(0), 0.5, 1],
  nextClickScores: [embedding, {}, options],
  onnxInputs: [model],
  openCheckpoint: ['folder', options],
  oddVectors: [embedding],
  openPredictor: [model, options],
  openPreparedLog: ['folder', options],
  openService: ['folder', options],
  openShardedLog: [prepared, options],
  openTrials: ['folder', { identity: 'x' }],
  predictClicks: [model, impressions, options],
  prepareArrivingLog: [
    'folder',
    { log: options, filters: options, defaults: options, arrive: () => undefined },
    options,
  ],
  prepareLog: ['folder', 'a.csv', { history: 'u', category: 'c' }, options],
  projectEmbedding: [embedding, options],
  purityBaselines: [{ embedding, histories }, { attribute: 'topic' }],
  readAttributes: ['a.csv', { key: 'a' }],
  readClickModel: ['folder'],
  readEmbedding: ['a.parquet'],
  readHistories: ['a.csv', { history: 'u', category: 'a' }],
  readImpressions: ['a.csv', { label: 'hit', categorical: ['ad'] }],
  readImpressionsFor: [model, 'a.csv', options],
  readShownNotClicked: ['a.parquet', histories, { history: 'u', category: 'a' }],
  readSparkHistories: [
    { remote: 'sc://localhost', table: 'a' },
    { history: 'u', category: 'a' },
  ],
  Recommender: [embedding],
  relateSpaces: [ids, ids],
  renderMap: [[{ name: 'one', embedding }], options],
  renderMapPage: [[{ name: 'one', embedding }], { title: 'a', subtitle: 'b', coordinates: [], color: 'count' }],
  renderReport: [[{ name: 'one', embedding }], options],
  selectRows: [embedding, [0]],
  setWorkerUrl: ['https://example.com/worker.js'],
  shareSeen: [model, impressions],
  sharedRows: [embedding, embedding],
  simulateWorld: [options],
  spacesOfModel: [model],
  sparkLog: [{ table: 'a' }, { engine: 'spark://localhost:1', history: 'u', category: 'a' }],
  splitImpressions: [impressions, options],
  splitWithOwnHistories: [impressions, split, options],
  subsetImpressions: [impressions, Uint32Array.of(0)],
  subsetRows: [rows, Uint32Array.of(0)],
  sweep: [{ logs: [], candidates: [] }, options],
  trainClickModel: [{ impressions, split }, options],
  trainClickNetwork: [{ train: rows, validation: rows, tableSizes: [3] }, options],
  trainEmbedding: [histories, options],
  trainFoldedIn: [prepared, options],
  trainLog: ['a.csv', { history: 'u', category: 'c' }, options],
  trainTwins: [{ histories, older: embedding, newer: embedding }, options],
  tune: [histories, options],
  tuneIdentity: [histories, options],
  Vocabulary: [['a'], Float64Array.of(1)],
  vocabularyFromCounts: [new Map([['a', 1]])],
  withAttributes: [embedding, table, options],
  withOwnHistories: [impressions, options],
  writeClickModel: ['folder', model, options],
  writeEmbedding: ['a.parquet', embedding, options],
  writeFeatures: ['f.csv', { histories, embedding }, options],
  writeMapTable: ['m.csv', { embedding, coordinates: [] }, options],
  writePredictions: ['p.csv', { model, source: 'a.csv' }, options],
  writeSplits: ['folder', { source: 'a.csv', impressions, split }, options],
  writeWorld: ['folder', {}, options],
};

/** Calls that are no fault: nothing, where all is optional, and arguments of one kind swapped. */
const will: readonly string[] = [
  'simulateWorld: nothing',
  'setWorkerUrl: nothing',
  'GatheredKeys: nothing',
  'historiesFromArrays: swapped',
];

type Callee = (...args: readonly unknown[]) => unknown;

describe.each(entries)('%s', (_, exported) => {
  const steps = Object.entries(exported).flatMap(([name, value]) =>
    isCallee(value) && name !== 'InputError' ? [{ name, step: value }] : [],
  );

  test('has a call of every function in the table', () => {
    expect(steps.map(({ name }) => name).filter((name) => !(name in calls))).toEqual([]);
  });

  test.each(steps)('$name says what it wants in a sentence', async ({ name, step }) => {
    const told: string[] = [];
    for (const [title, args] of wrongCalls(calls[name] ?? [])) {
      const call = `${name}: ${title}`;
      if (!will.includes(call)) told.push(`${call}: ${await refusal(step, args)}`);
    }

    expect(told.filter((text) => !isSentence(text))).toEqual([]);
  });
});

describe('a value', () => {
  const recommender = new library.Recommender(embedding);
  const gathered = new library.GatheredKeys();
  test.each<[string, () => unknown]>([
    ['recommend()', () => call(recommender, 'recommend', [])],
    ['recommend("a")', () => call(recommender, 'recommend', ['a'])],
    ['recommend({ histories })', () => call(recommender, 'recommend', [{ histories: ['a'] }])],
    ['recommend({ history: "a" })', () => call(recommender, 'recommend', [{ history: 'a' }])],
    ['recommend({ like: 3 })', () => call(recommender, 'recommend', [{ like: 3 }])],
    ['add()', () => call(gathered, 'add', [])],
    ['keyOf()', () => call(vocabulary, 'keyOf', [])],
    ['keyOf("a")', () => call(vocabulary, 'keyOf', ['a'])],
    ['vector()', () => call(embedding, 'vector', [])],
    ['mean()', () => call(embedding, 'mean', [])],
    ['nearest()', () => call(embedding, 'nearest', [])],
    ['nearest("a", "b")', () => call(embedding, 'nearest', ['a', 'b'])],
    ['with()', () => call(embedding, 'with', [])],
    ['with("a")', () => call(embedding, 'with', ['a'])],
  ])('refuses %s', async (title, act) => {
    expect(await refusal(act, [])).toSatisfy((text: string) => isSentence(`${title}: ${text}`));
  });
});

describe('a predictor and a service', () => {
  const request = { method: 'GET', url: '/', headers: {} };
  const wrong: readonly (readonly [of: 'predictor' | 'service', method: string, args: readonly unknown[]])[] = [
    ['predictor', 'predict', []],
    ['predictor', 'predict', ['text']],
    ['predictor', 'predict', [{}]],
    ['predictor', 'predict', [[3]]],
    ['predictor', 'predict', [[{ ad: 'x' }], 'text']],
    ['predictor', 'predict', [[{ ad: 'x' }], { surprise: 1 }]],
    ['predictor', 'predict', [[{ ad: 'x' }], { signal: 1 }]],
    ['predictor', 'predict', [[{ ad: 'x' }], {}, { surprise: 1 }]],
    ['service', 'fetch', []],
    ['service', 'fetch', ['https://example.com/']],
    ['service', 'handler', []],
    ['service', 'handler', [request]],
    ['service', 'handler', ['text', {}]],
  ];
  test.each(wrong)('%s.%s refuses %j', async (of, method, args) => {
    const folder = mkdtempSync(join(tmpdir(), 'category2vec-calls-'));
    const value = of === 'predictor' ? library.openPredictor(model) : await serve.openService(folder);
    const text = await refusal(() => call(value, method, args), []);
    await value.close();
    rmSync(folder, { recursive: true });

    expect(isSentence(text) ? 'a sentence' : text).toBe('a sentence');
  });
});

/** What plain JavaScript may do to a call. */
function wrongCalls(args: readonly unknown[]): (readonly [title: string, args: readonly unknown[]])[] {
  const [first, second, ...rest] = args;
  const [title, other] = typeof first === 'string' ? ['a number', 3] : ['text', 'text'];
  const at = args.indexOf(options);
  return [
    ['nothing', []],
    ...(args.length > 0 ? [[title, [other, ...args.slice(1)]] as const] : []),
    ...(args.length > 1 && first !== second ? [['swapped', [second, first, ...rest]] as const] : []),
    ...(at < 0 ? [] : [['an unknown option', args.with(at, { surprise: 1 })] as const]),
  ];
}

/** An InputError that names an argument; `Error` begins what is none. */
function isSentence(text: string): boolean {
  return !text.includes(': accepted') && !text.includes('Error: ') && / (must|is not|is no|belongs) /.test(text);
}

function call(value: object, method: string, args: readonly unknown[]): unknown {
  const found: unknown = Reflect.get(value, method);
  return isCallee(found) ? Reflect.apply(found, value, args) : undefined;
}

function isCallee(value: unknown): value is Callee {
  return typeof value === 'function';
}

/** The message of an InputError, or what happened instead. */
async function refusal(step: Callee, args: readonly unknown[]): Promise<string> {
  try {
    await (/^[A-Z]/.test(step.name) ? Reflect.construct(step, args) : Reflect.apply(step, undefined, args));
    return 'accepted';
  } catch (error) {
    return error instanceof library.InputError ? error.message : `Error: ${String(error)}`;
  }
}
