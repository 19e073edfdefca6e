import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SavedClickModel } from '../../src/click-model/model-description.js';
import { Random } from '../../src/numerics/random.js';
import { clickModelToOnnx, onnxInputs } from '../../src/onnx/click-model-onnx.js';
import { plainProbability, type PlainRow } from '../click-model/plain-forward.js';
import { smallModel } from '../click-model/small-model.js';

beforeAll(() => {
  env.wasm.wasmPaths = new URL('../../node_modules/onnxruntime-web/dist/', import.meta.url).href;
  env.wasm.numThreads = 1;
});

/** Rows with unknown categories, empty and long lists, missing numbers. */
function drawRows(count: number, seed: number): PlainRow[] {
  const random = new Random(seed);
  const list = (ids: number) =>
    Array.from({ length: random.below(6) }, () => ({ id: random.below(ids), weight: 0.1 + random.uniform() }));
  return Array.from({ length: count }, () => ({
    ids: [random.below(4), random.below(3)],
    lists: [list(4), list(3)],
    numbers: [random.below(5) === 0 ? NaN : random.uniform() * 24, 20 + random.below(50)],
  }));
}

/** Feeds rows as the documentation says: padded lists, with `padding` where there is no entry. */
function feedsOf(model: SavedClickModel, rows: readonly PlainRow[], padding: bigint): Record<string, Tensor> {
  const { categorical, lists, numeric } = model.encoder;
  const feeds: Record<string, Tensor> = {};
  categorical.forEach(({ name, predictedAs }, c) => {
    const ids = BigInt64Array.from(rows, ({ ids: all }) => BigInt(all[c] ?? 0));
    if (predictedAs === undefined) feeds[name] = new Tensor('int64', ids, [rows.length]);
  });
  lists.forEach(({ name }, l) => {
    const length = Math.max(...rows.map((row) => row.lists[l]?.length ?? 0));
    const cells = rows.flatMap((row) => Array.from({ length }, (_, at) => row.lists[l]?.[at]));
    const shape = [rows.length, length];
    feeds[name] = new Tensor(
      'int64',
      BigInt64Array.from(cells, (cell) => (cell ? BigInt(cell.id) : padding)),
      shape,
    );
    feeds[`${name}.weights`] = new Tensor(
      'float32',
      Float32Array.from(cells, (cell) => cell?.weight ?? 0),
      shape,
    );
  });
  numeric.forEach(({ name, predictedAs }, n) => {
    const values = Float64Array.from(rows, ({ numbers }) => numbers[n] ?? NaN);
    if (predictedAs === undefined) feeds[name] = new Tensor('float64', values, [rows.length]);
  });
  return feeds;
}

async function probabilitiesOf(model: SavedClickModel, feeds: Record<string, Tensor>): Promise<number[]> {
  const session = await InferenceSession.create(clickModelToOnnx(model));
  const { probability } = await session.run(feeds);
  return Array.from(probability?.data as Float32Array);
}

describe('the ONNX graph of a click model', () => {
  test.each([1, 2, 3])(
    'gives the probabilities of the definition in onnxruntime-web, to 1e-5: model %d',
    async (seed) => {
      const model = smallModel(seed);
      const rows = drawRows(200, seed);

      const found = await probabilitiesOf(model, feedsOf(model, rows, -1n));

      const expected = rows.map((row) => plainProbability(model, row));
      const worst = Math.max(...expected.map((probability, i) => Math.abs(probability - (found[i] ?? NaN))));
      expect(found).toHaveLength(200);
      expect(worst).toBeLessThan(1e-5);
      // the rows differ by far more than that, so equality says something
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.01);
    },
  );

  test('reads any number that is no category as the unknown one, and padding not at all', async () => {
    const model = smallModel();
    const row: PlainRow = { ids: [0, 1], lists: [[{ id: 0, weight: 1 }], []], numbers: [3, 30] };
    const strange = { ...row, ids: [99, 1], lists: [[{ id: -7, weight: 1 }], []] };

    const [expected = NaN] = await probabilitiesOf(model, feedsOf(model, [row], 0n));

    expect(expected).toBeCloseTo(plainProbability(model, row), 5);
    expect(await probabilitiesOf(model, feedsOf(model, [strange], 5n))).toEqual([expected]);
  });

  test('takes lists of no length where every row has none', async () => {
    const model = smallModel();
    const rows: PlainRow[] = [1, 2].map((id) => ({ ids: [id, 0], lists: [[], []], numbers: [id, 0] }));

    const found = await probabilitiesOf(model, feedsOf(model, rows, 0n));

    rows.forEach((row, i) => expect(found[i]).toBeCloseTo(plainProbability(model, row), 5));
  });

  test('asks for no column that has a stated value, and says what it asks for', async () => {
    const session = await InferenceSession.create(clickModelToOnnx(smallModel()));

    const names = ['advertiser', 'history', 'history.weights', 'reading', 'reading.weights', 'hour'];
    expect(session.inputNames).toEqual(names);
    expect(onnxInputs(smallModel()).map(({ name }) => name)).toEqual(names);
    expect(session.outputNames).toEqual(['probability']);
  });

  test('names the category of each number', () => {
    const { metadataProps, producerVersion } = fromBinary(
      ModelProtoSchema,
      clickModelToOnnx(smallModel(), { version: '1.2.3' }),
    );

    expect(metadataProps.map(({ key, value }) => [key, value])).toEqual([
      ['keys.advertiser', '["b","a","ü/?"]'],
      ['keys.site', '["news","<unknown>"]'],
    ]);
    expect(producerVersion).toBe('1.2.3');
  });

  test('has the same bytes each time', () => {
    expect(clickModelToOnnx(smallModel())).toEqual(clickModelToOnnx(smallModel()));
  });

  test('refuses two values of one name', () => {
    const model = smallModel();
    const rename = (name: string): SavedClickModel => ({
      ...model,
      encoder: { ...model.encoder, numeric: [{ name, mean: 0, deviation: 1, isMarked: false }] },
    });

    expect(() => clickModelToOnnx(rename('probability'))).toThrow('two values named "probability"; rename');
    expect(() => clickModelToOnnx(rename('advertiser'))).toThrow('two values named "advertiser"');
  });
});
