/** A map as a table: category, place in the plane, attributes; as Parquet or CSV. */
import { basename, extname } from 'node:path';
import { InputError } from '../../checks.js';
import { anEmbedding, type Embedding } from '../../embedding/embedding.js';
import { writeOutputFile, writeOutputParts, type OutputHooks } from '../../files/atomic-file.js';
import { attributeColumn } from './embedding-file.js';
import { checkCall, listOf, neededInputsKind, path as aPath, signalOnly } from '../../step.js';
import { numberColumn, textColumn, writeParquet } from '../engine/write-parquet.js';

/** What stands in the table. */
export interface MapTable {
  /** whose categories and attributes stand beside the places */
  readonly embedding: Embedding;
  /** one map or two of the same categories, each row-major, shape [V, 2]: columns x and y, then other_x and other_y */
  readonly coordinates: readonly Float32Array[];
}

const coordinateNames = ['x', 'y', 'other_x', 'other_y'];

const tableKind = neededInputsKind<MapTable>('{ embedding, coordinates }, both in one object', {
  embedding: true,
  coordinates: true,
});

/**
 * Writes a map as a table: `category`, `x`, `y` (with a second map `other_x`, `other_y`), then the attributes; Parquet,
 * or CSV (RFC 4180, with a header), where a missing value is empty.
 *
 * @param path - ends in .parquet or .csv; replaced whole, or left as it was
 * @throws InputError for another ending, for an attribute named like a coordinate, and for what `writeOutputs` says
 */
export async function writeMapTable(path: string, table: MapTable, hooks: OutputHooks = {}): Promise<void> {
  const call = 'writeMapTable(path, { embedding, coordinates }, hooks)';
  checkCall(call, { path: [path, aPath], table: [table, tableKind], hooks: [hooks, signalOnly] });
  checkCall(call, { embedding: [table.embedding, anEmbedding], coordinates: [table.coordinates, listOf(eachMap)] });
  const { vocabulary, attributes } = table.embedding;
  if (table.coordinates.some((map) => map.length !== 2 * vocabulary.size)) {
    throw new InputError(`coordinates must be ${eachMap}, two numbers for each of ${vocabulary.size} categories`);
  }
  const ending = extname(path).toLowerCase();
  if (ending !== '.parquet' && ending !== '.csv') {
    throw new InputError(`a map can be written as .parquet, .csv, got ${JSON.stringify(basename(path))}`);
  }
  checkNames(table);
  if (ending === '.csv') return writeOutputParts(path, csvParts(table), hooks);
  const columns = [
    textColumn('category', vocabulary.keys),
    ...coordinateColumns(table).map(({ name, values }) => numberColumn(name, values)),
    ...Array.from(attributes, ([name, values]) => attributeColumn(name, values)),
  ];
  const write = (temporaryPath: string): Promise<void> =>
    writeParquet(temporaryPath, columns, { rows: vocabulary.size });
  await writeOutputFile(path, write, hooks);
}

const eachMap = 'a list of one or two maps, as the coordinates of projectEmbedding';

function* csvParts(table: MapTable): Iterable<string> {
  const { vocabulary, attributes } = table.embedding;
  const columns = coordinateColumns(table);
  yield line(['category', ...columns.map(({ name }) => name), ...attributes.keys()]);
  const linesAtOnce = 1000;
  for (let start = 0; start < vocabulary.size; start += linesAtOnce) {
    let part = '';
    for (let row = start; row < Math.min(vocabulary.size, start + linesAtOnce); row++) {
      part += line([
        vocabulary.keyOf(row),
        ...columns.map(({ values }) => String(values[row])),
        ...Array.from(attributes.values(), (values) => String(values[row] ?? '')),
      ]);
    }
    yield part;
  }
}

function line(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`;
}

function coordinateColumns({ coordinates }: MapTable): { readonly name: string; readonly values: Float32Array }[] {
  return coordinates.flatMap((map, i) =>
    [0, 1].map((axis) => ({
      name: coordinateNames[2 * i + axis] ?? '',
      values: Float32Array.from({ length: map.length / 2 }, (_, row) => map[row * 2 + axis] ?? 0),
    })),
  );
}

function checkNames({ embedding, coordinates }: MapTable): void {
  const taken = ['category', ...coordinateNames.slice(0, 2 * coordinates.length)];
  const clash = [...embedding.attributes.keys()].find((name) => taken.includes(name.toLowerCase()));
  if (clash === undefined) return;
  throw new InputError(
    `an attribute cannot be named ${JSON.stringify(clash)}, because ${taken.join(', ')} are columns of the map; rename it`,
  );
}
