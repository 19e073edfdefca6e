/** The selection as CSV (RFC 4180): category, clicks, place in the plane, attributes. */
import type { Selection } from './selection.js';
import type { Places, Space } from './space.js';

/** Saves the selected categories. */
export function downloadCsv({
  selection,
  spaces,
  layouts,
}: {
  readonly selection: Selection | undefined;
  readonly spaces: readonly Space[];
  readonly layouts: { readonly placesOf: (space: Space) => Places };
}): void {
  const space = selection === undefined ? undefined : spaces[selection.space];
  if (selection === undefined || space === undefined) return;
  save('selection.csv', csvOfRows(space, layouts.placesOf(space), selection.rows));
}

/** Saves the categories of the first space that filters leave. */
export function downloadShown({
  filters,
  spaces: [space],
  layouts,
}: {
  readonly filters: { readonly shown: readonly (Int32Array | undefined)[] };
  readonly spaces: readonly Space[];
  readonly layouts: { readonly placesOf: (space: Space) => Places };
}): void {
  const [rows] = filters.shown;
  if (space !== undefined && rows !== undefined) save('shown.csv', csvOfRows(space, layouts.placesOf(space), rows));
}

function save(name: string, csv: string): void {
  download(name, new Blob([csv], { type: 'text/csv' }));
}

/** Some rows of a space as CSV, in vocabulary order. */
export function csvOfRows({ embedding }: Space, { coordinates }: Places, rows: Int32Array): string {
  const attributes = [...embedding.attributes];
  const lines = [['category', 'count', ...attributes.map(([name]) => name), 'x', 'y']];
  for (const row of rows) {
    lines.push([
      embedding.vocabulary.keyOf(row),
      String(embedding.vocabulary.counts[row] ?? 0),
      ...attributes.map(([, values]) => String(values[row] ?? '')),
      String(coordinates[row * 2]),
      String(coordinates[row * 2 + 1]),
    ]);
  }
  return lines.map((fields) => `${fields.map(quoted).join(',')}\r\n`).join('');
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Hands a file to the browser to be saved. */
export function download(name: string, contents: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(contents);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
