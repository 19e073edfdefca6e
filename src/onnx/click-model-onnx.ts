/** A click model as one ONNX graph: from rows of tables and plain numbers to the probability of a click. */
import { InputError, named, sentence } from '../checks.js';
import {
  aClickModel,
  distinctColumns,
  type CategoricalInput,
  type ClickModel,
  type NumericInput,
} from '../click-network/model.js';
import { checkCall, optionsKind } from '../step.js';
import { GraphBuilder } from './graph-builder.js';

/** A protocol buffer cannot be larger. */
const mostBytes = 2 ** 31 - 2 ** 20;

/** What the graph takes, in the order of its inputs. */
export interface OnnxInput {
  /** of the input */
  readonly name: string;
  /** `ids`: int64 [rows]; `listIds`: int64 [rows, length]; `listWeights`: float [rows, length]; `number`: double [rows] */
  readonly kind: 'ids' | 'listIds' | 'listWeights' | 'number';
  /** whose keys the ids number, from 1; 0 is the unknown category */
  readonly domain?: string;
}

/**
 * Writes a click model as an ONNX model.
 *
 * Inputs, one row for each impression: for each categorical column its name, int64 [rows], the number of the category
 * (0 unknown, then 1 … V in the order of its table; any other number counts as 0); for each list its name, int64 [rows,
 * length], padded with anything, and
 * `<name>.weights`, float [rows, length], which says what each entry counts in the mean: 0 for padding, 1 for an entry,
 * or its weight by recency; for each numeric column its name, double [rows], as it stands in the table, NaN where it is missing.
 * Columns that are set to a stated value when predicting are no inputs. A column that has numbers of its own beside an
 * embedding comes in twice, the second time as `<name> alone`, in the order of that table. The output is
 * `probability`, float [rows].
 *
 * The metadata holds `keys.<domain>`, the keys of each table as a JSON list: key i has number i + 1. Lists are padded
 * and not cut into segments, because then every operator is a dense one that each runtime has.
 *
 * @param options.version - of this program, written into the file
 * @throws InputError for a column named `probability`, and for a model beyond the 2 GiB that the format allows
 */
export function clickModelToOnnx(model: ClickModel, options: { readonly version?: string } = {}): Uint8Array {
  checkCall('clickModelToOnnx(model, { version })', {
    model: [model, aClickModel],
    options: [options, optionsKind<typeof options>({ version: true })],
  });
  const { version = '' } = options;
  const { tables, layers, products, logitOffset } = model.network;
  checkSize(model);
  const graph = new GraphBuilder();
  const inputs = declareInputs(graph, model);
  const tableNames = tables.map(({ dimension, vectors }, i) => ({
    vectors: graph.constant(`table.${i}`, 'float', [vectors.length / dimension, dimension], vectors),
    size: graph.constant(`size.${i}`, 'int64', [], [vectors.length / dimension]),
  }));
  const shared = {
    zero: graph.constant('zero', 'int64', [], [0]),
    one: graph.constant('one', 'float', [], [1]),
    nothing: graph.constant('nothing', 'float', [], [0]),
    oneMore: graph.constant('oneMore', 'int64', [4], [0, 0, 0, 1]),
    lastAxis: graph.constant('last', 'int64', [1], [-1]),
    middleAxis: graph.constant('middle', 'int64', [1], [1]),
  };
  const lookUp = (table: number, ids: string): string => {
    const { vectors = '', size = '' } = tableNames[table] ?? {};
    const isKnown = graph.apply('And', [
      graph.apply('GreaterOrEqual', [ids, shared.zero]),
      graph.apply('Less', [ids, size]),
    ]);
    return graph.apply('Gather', [vectors, graph.apply('Where', [isKnown, ids, shared.zero])]);
  };
  const columns = inputs.categorical.map(({ table, ids }) => lookUp(table, ids));
  const means = inputs.lists.map((list) => {
    // One more entry that counts nothing: onnxruntime does not sum over an axis of length 0.
    const [ids = '', weights = ''] = [list.ids, list.weights].map((name) => graph.apply('Pad', [name, shared.oneMore]));
    const { table } = list;
    const rows = graph.apply('Unsqueeze', [weights, shared.middleAxis]);
    const sum = graph.apply('Squeeze', [graph.apply('MatMul', [rows, lookUp(table, ids)]), shared.middleAxis]);
    const total = graph.apply('ReduceSum', [weights, shared.lastAxis], { keepdims: 1 });
    const isEmpty = graph.apply('Equal', [total, shared.nothing]);
    return graph.apply('Div', [sum, graph.apply('Where', [isEmpty, shared.one, total])]);
  });
  const multiplied = products.map(({ categorical, list }) =>
    graph.apply('Mul', [columns[categorical] ?? '', means[list] ?? '']),
  );
  const numbers = inputs.numeric.flatMap((input) => standardize(graph, input, shared.lastAxis));
  let value = graph.apply('Concat', [...columns, ...means, ...multiplied, ...numbers], { axis: 1 });
  layers.forEach(({ inputs: width, outputs, weights, biases }, i) => {
    const matrix = graph.constant(`weights.${i}`, 'float', [outputs, width], weights);
    const offsets = graph.constant(`biases.${i}`, 'float', [outputs], biases);
    value = graph.apply('Gemm', [value, matrix, offsets], { transB: 1 });
    if (i + 1 < layers.length) value = graph.apply('Relu', [value]);
  });
  const logit = graph.apply('Add', [value, graph.constant('logitOffset', 'float', [], [logitOffset])]);
  const probability = graph.apply('Squeeze', [graph.apply('Sigmoid', [logit]), shared.lastAxis]);
  graph.output('probability', probability, 'float', ['rows']);
  return graph.build({ name: 'click_model', version, metadata: keysOf(model) });
}

/** Names and kinds of the graph's inputs, in order. @throws InputError for a column named `probability` */
export function onnxInputs(model: ClickModel): OnnxInput[] {
  checkCall('onnxInputs(model)', { model: [model, aClickModel] });
  const { tables, categorical, lists, numeric } = model.encoder;
  const domainOf = (table: number) => tables[table]?.domain ?? '';
  const inputs: OnnxInput[] = [
    ...categorical
      .filter(({ predictedAs }) => predictedAs === undefined)
      .map((input) => ({ name: idsName(input, model), kind: 'ids' as const, domain: domainOf(input.table) })),
    ...lists.flatMap(({ name, table }) => [
      { name, kind: 'listIds' as const, domain: domainOf(table) },
      { name: `${name}.weights`, kind: 'listWeights' as const },
    ]),
    ...numeric
      .filter(({ predictedAs }) => predictedAs === undefined)
      .map(({ name }) => ({ name, kind: 'number' as const })),
  ];
  const names = inputs.map(({ name }) => name);
  const twice = [...names, 'probability'].find((name, i, all) => all.indexOf(name) < i);
  if (twice !== undefined) {
    throw new InputError(
      `an ONNX graph cannot have two values named ${JSON.stringify(twice)}; rename the column and train again`,
    );
  }
  if (inputs.length === 0) {
    throw new InputError('an ONNX graph needs an input, and every column of this model is set to a stated value');
  }
  return inputs;
}

/** A column that is read once more, through a table of its own numbers, comes in as numbers of that table. */
function idsName({ name, table }: CategoricalInput, { encoder: { tables, categorical } }: ClickModel): string {
  const isFirst = distinctColumns(categorical).some((input) => input.name === name && input.table === table);
  return isFirst ? name : (tables[table]?.domain ?? '');
}

interface GraphInputs {
  readonly categorical: readonly { readonly table: number; readonly ids: string }[];
  readonly lists: readonly { readonly table: number; readonly ids: string; readonly weights: string }[];
  readonly numeric: readonly (NumericInput & { readonly values: string })[];
}

/** Declares all inputs; a column with a stated value becomes that value in as many rows as the first input has. */
function declareInputs(graph: GraphBuilder, model: ClickModel): GraphInputs {
  const { categorical, lists, numeric } = model.encoder;
  const declared = onnxInputs(model).map(({ name, kind }) => {
    const side = `length of ${name.replace(/\.weights$/, '')}`;
    if (kind === 'ids') return graph.input(name, 'int64', ['rows']);
    if (kind === 'number') return graph.input(name, 'double', ['rows']);
    return graph.input(name, kind === 'listIds' ? 'int64' : 'float', ['rows', side]);
  });
  const hasStated = [...categorical, ...numeric].some(({ predictedAs }) => predictedAs !== undefined);
  const rows = hasStated ? graph.apply('Shape', [declared[0] ?? ''], { start: 0, end: 1 }) : '';
  const stated = (name: string, type: 'int64' | 'double', value: number): string =>
    graph.apply('Expand', [graph.constant(`stated.${type}.${name}`, type, [1], [value]), rows]);
  return {
    categorical: categorical.map((input) => ({
      table: input.table,
      ids: input.predictedAs === undefined ? idsName(input, model) : stated(input.name, 'int64', input.predictedAs),
    })),
    lists: lists.map(({ name, table }) => ({ table, ids: name, weights: `${name}.weights` })),
    numeric: numeric.map((input) => ({
      ...input,
      values: input.predictedAs === undefined ? input.name : stated(input.name, 'double', input.predictedAs),
    })),
  };
}

/** (value − mean) / deviation in double, 0 where missing, and 1 beside it where that is marked: columns of shape [rows, 1]. */
function standardize(
  graph: GraphBuilder,
  { name, values, mean, deviation, isMarked }: GraphInputs['numeric'][number],
  lastAxis: string,
): string[] {
  const constant = (what: string, value: number) => graph.constant(`${what}.${name}`, 'double', [], [value]);
  const isMissing = graph.apply('IsNaN', [values]);
  const centered = graph.apply('Sub', [values, constant('mean', mean)]);
  const scaled = graph.apply('Div', [centered, constant('deviation', deviation)]);
  const filled = graph.apply('Where', [isMissing, constant('missing', 0), scaled]);
  // 1 is the code of float
  const columns = [graph.apply('Cast', [filled], { to: 1 })];
  if (isMarked) columns.push(graph.apply('Cast', [isMissing], { to: 1 }));
  return columns.map((column) => graph.apply('Unsqueeze', [column, lastAxis]));
}

function keysOf({ encoder: { tables } }: ClickModel): Map<string, string> {
  return new Map(tables.map(({ domain, vocabulary }) => [`keys.${domain}`, JSON.stringify(vocabulary.keys)]));
}

function checkSize({ network: { tables }, encoder }: ClickModel): void {
  const numbers = tables.reduce((sum, { vectors }) => sum + vectors.length, 0);
  const characters = encoder.tables.reduce(
    (sum, { vocabulary }) => vocabulary.keys.reduce((total, key) => total + key.length * 3 + 3, sum),
    0,
  );
  const bytes = numbers * 4 + characters;
  if (bytes <= mostBytes) return;
  throw new InputError(
    sentence`an ONNX file holds at most 2 GiB, got tables of ${numbers.toLocaleString('en-US')} × 4 bytes; lower
      ${named('dimension')} or raise ${named('minCount')}`,
  );
}
