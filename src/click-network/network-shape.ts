/**
 * Where everything stands among the inputs of a click network, and the sizes of its tables and layers, padded as the
 * kernels read them.
 */
import { InputError, named, sentence } from '../checks.js';
import type { ClickRows } from '../impressions/impressions.js';
import type { ProductInput } from './model.js';

/** A table; rows are `stride` numbers apart, the dimension rounded up to a multiple of 4. */
export interface TableShape {
  readonly rows: number;
  readonly dimension: number;
  readonly stride: number;
}

/** A column's vector, among the inputs from `at` on. */
export interface ColumnShape {
  readonly table: number;
  readonly isList: boolean;
  readonly at: number;
}

/** inputs[at + d] = inputs[from + d] × inputs[with + d], d < width. */
export interface ProductShape {
  readonly from: number;
  readonly with: number;
  readonly at: number;
  readonly width: number;
}

/** A network, decided. Sizes are multiples of 4; what pads them is and stays 0. */
export interface NetworkShape {
  readonly tables: readonly TableShape[];
  /** categorical columns, then lists */
  readonly columns: readonly ColumnShape[];
  readonly categoricalCount: number;
  readonly products: readonly ProductShape[];
  readonly productInputs: readonly ProductInput[];
  readonly numericAt: number;
  readonly numericWidth: number;
  readonly width: number;
  /** outputs of the hidden layers */
  readonly hidden: readonly number[];
  /** padded place of each input that is not padding */
  readonly places: readonly number[];
  /** the same for each hidden layer's outputs: how many are not padding */
  readonly trueHidden: readonly number[];
}

/** What decides a shape beside the columns. */
export interface ShapeOptions {
  readonly hidden: readonly number[];
  readonly products: readonly ProductInput[];
}

/** Every pair of a categorical column and a list over the same table. */
export function everyProduct({ categorical, lists }: Pick<ClickRows, 'categorical' | 'lists'>): ProductInput[] {
  return categorical.flatMap(({ table }, c) =>
    [...lists.keys()].filter((l) => lists[l]?.table === table).map((l) => ({ categorical: c, list: l })),
  );
}

/**
 * Lays out a network's inputs: the vector of each categorical column, the mean of each list, each product, the numbers.
 *
 * @param tables - rows and dimension of each table
 * @throws InputError where a column names a table that is not there, or there is nothing to read
 */
export function shapeNetwork(
  rows: Pick<ClickRows, 'categorical' | 'lists' | 'numericWidth'>,
  tables: readonly Pick<TableShape, 'rows' | 'dimension'>[],
  { hidden, products }: ShapeOptions,
): NetworkShape {
  const padded = tables.map((table) => ({ ...table, stride: roundUp(table.dimension) }));
  const places: number[] = [];
  let width = 0;
  const place = (numbers: number): number => {
    const at = width;
    for (let i = 0; i < numbers; i++) places.push(at + i);
    width += roundUp(numbers);
    return at;
  };
  const placeColumn = (name: string, table: number, isList: boolean): ColumnShape => {
    const found = padded[table];
    if (found === undefined) {
      throw new InputError(`column ${name} must name one of the ${tables.length} tables, got number ${table}`);
    }
    return { table, isList, at: place(found.dimension) };
  };
  const columns = [
    ...rows.categorical.map(({ name, table }) => placeColumn(name, table, false)),
    ...rows.lists.map(({ name, table }) => placeColumn(name, table, true)),
  ];
  const categoricalCount = rows.categorical.length;
  const productShapes = products.map(({ categorical, list }) => {
    const from = columns[categorical];
    const other = columns[categoricalCount + list];
    const table = from === undefined || from.table !== other?.table ? undefined : padded[from.table];
    if (from === undefined || other === undefined || table === undefined) {
      throw new InputError('a product must name a categorical column and a list over the same table, got others');
    }
    return { from: from.at, with: other.at, at: place(table.dimension), width: table.stride };
  });
  const numericAt = place(rows.numericWidth);
  if (width === 0) {
    throw new InputError(
      sentence`a click model must read at least one column, got none; name some with ${named('categorical')}
        or ${named('numeric')}`,
    );
  }
  return {
    tables: padded,
    columns,
    categoricalCount,
    products: productShapes,
    productInputs: products,
    numericAt,
    numericWidth: roundUp(rows.numericWidth),
    width,
    hidden: hidden.map(roundUp),
    places,
    trueHidden: hidden,
  };
}

/** The next multiple of 4. */
export function roundUp(count: number): number {
  return Math.ceil(count / 4) * 4;
}
