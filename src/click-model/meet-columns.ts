/** Columns of impressions meet a model's tables, embeddings and each other by key. */
import type { Embedding } from '../embedding/embedding.js';
import { meetEither, meetKeys, type JoinNames, type KeyHooks } from '../embedding/key-match.js';
import type { Histories } from '../histories/histories.js';
import type { CategoricalColumn, Impressions, ListColumn } from '../impressions/impressions.js';
import { distinctColumns, type ClickEncoder } from '../click-network/model.js';

type KeyedColumn = CategoricalColumn | ListColumn;

/**
 * Judges how the columns of a table, each distinct key counting once, meet the tables of a model.
 *
 * @param isPrediction - whether columns with a stated value are passed over
 * @throws InputError for a column that `matchKeys` refuses
 */
export function meetModel(
  impressions: Impressions,
  { tables, categorical, lists }: ClickEncoder,
  { isPrediction, ...hooks }: KeyHooks & { readonly isPrediction: boolean },
): void {
  const single = distinctColumns(categorical).filter((input) => !isPrediction || input.predictedAs === undefined);
  const read = [...single, ...lists];
  for (const { name, table } of read) {
    const column = [...impressions.categorical, ...impressions.lists].find((each) => each.name === name);
    const vocabulary = tables[table]?.vocabulary;
    if (column === undefined || vocabulary === undefined) continue;
    const { own, counts } = keysIn(impressions, column);
    meetKeys(own, vocabulary, { ...placesOf(column), partner: 'the model' }, { ...hooks, counts });
  }
}

/** An embedding for a column's table, and clicks to continue training on. */
interface ColumnEmbedding {
  readonly column: string;
  readonly embedding: Embedding;
  readonly histories?: Histories | undefined;
}

/**
 * Judges how columns that share a table meet each other (of two, the one with fewer keys needs partners), and how each
 * meets the embedding that is given for it.
 *
 * @throws InputError for a join that `matchKeys` refuses
 */
export function meetTables(impressions: Impressions, embeddings: readonly ColumnEmbedding[], hooks: KeyHooks): void {
  const columns = [...impressions.categorical, ...impressions.lists];
  const side = (column: KeyedColumn) => ({
    keys: `values of ${column.name}`,
    partner: column.name,
    own: keysIn(impressions, column).own,
  });
  columns.forEach((column, i) => {
    const first = columns.find(({ domain }) => domain === column.domain) ?? column;
    if (columns.indexOf(first) < i) meetEither(side(first), side(column), hooks);
  });
  for (const { column: name, embedding, histories } of embeddings) {
    const column = columns.find((each) => each.name === name);
    const partner = `the embedding of ${name}`;
    if (column !== undefined) {
      const { own, counts } = keysIn(impressions, column);
      meetKeys(own, embedding.vocabulary, { ...placesOf(column), partner }, { ...hooks, counts });
    }
    if (histories !== undefined) {
      const names = { keys: `categories of the clicks of ${name}`, partner };
      meetKeys(histories.vocabulary.keys, embedding.vocabulary, names, hooks);
    }
  }
}

function placesOf(column: KeyedColumn): Pick<JoinNames, 'keys' | 'places'> {
  return { keys: `values of ${column.name}`, places: 'starts' in column ? 'entries of lists' : 'rows' };
}

/** The distinct keys that a column holds, and how often each. */
function keysIn({ domains }: Impressions, { domain, codes }: KeyedColumn) {
  const keys = domains.get(domain) ?? [];
  const held = new Float64Array(keys.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? -1;
    if (code >= 0) held[code] = (held[code] ?? 0) + 1;
  }
  return { own: keys.filter((_, code) => (held[code] ?? 0) > 0), counts: held.filter((count) => count > 0) };
}
