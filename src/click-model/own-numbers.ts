/**
 * Beside the vectors of an embedding, each category has a number of its own: vectors say what a category is like, the
 * number how often it is clicked. It is what the wide part of Wide & Deep adds to embeddings (Cheng et al. 2016,
 * arXiv:1606.07792), read by the first layer like any other input.
 */
import type { CategoricalInput, ClickEncoder, TableKeys } from '../click-network/model.js';
import type { Impressions } from '../impressions/impressions.js';
import { vocabularyFromCounts } from '../vocabulary.js';

/**
 * Gives every categorical column of some domains a table of one number for each category that training rows show; all
 * other categories share the number of the unknown one.
 *
 * @param encoder - of the same impressions
 * @param domains - those that embeddings are given for
 * @returns the encoder with these tables behind its others
 */
export function withOwnNumbers(
  encoder: ClickEncoder,
  { impressions, rows, domains, minCount = 1 }: OwnNumbersInput,
): ClickEncoder {
  const tables: TableKeys[] = [...encoder.tables];
  const categorical: CategoricalInput[] = [...encoder.categorical];
  for (const { name, domain, codes } of impressions.categorical) {
    const isStated = encoder.categorical.some((input) => input.name === name && input.predictedAs !== undefined);
    if (isStated || !domains.includes(domain)) continue;
    const keys = impressions.domains.get(domain) ?? [];
    const shown = new Map<string, number>();
    for (const row of rows) {
      const key = keys[codes[row] ?? -1];
      if (key !== undefined) shown.set(key, (shown.get(key) ?? 0) + 1);
    }
    for (const [key, count] of shown) if (count < minCount) shown.delete(key);
    categorical.push({ name, table: tables.length });
    tables.push({ domain: nameApart(`${name} alone`, tables), vocabulary: vocabularyFromCounts(shown) });
  }
  return { ...encoder, tables, categorical };
}

interface OwnNumbersInput {
  readonly impressions: Impressions;
  /** the training rows */
  readonly rows: Uint32Array;
  readonly domains: readonly string[];
  /** rarer categories share the number of the unknown one; default 1 */
  readonly minCount?: number | undefined;
}

function nameApart(name: string, tables: readonly TableKeys[]): string {
  return tables.some(({ domain }) => domain === name) ? nameApart(`${name}'`, tables) : name;
}
