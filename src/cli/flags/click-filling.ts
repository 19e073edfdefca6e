/** Filled embeddings for keys that a click model was not trained on, from the command line. */
import { fillModel, type FilledModel } from '../../click-model/fill-model.js';
import type { SavedClickModel } from '../../click-model/model-description.js';
import { readEmbedding } from '../../duckdb/tables/embedding-file.js';
import type { Impressions } from '../../impressions/impressions.js';
import { parseAssignment } from './click-impression-flags.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { countOf } from '../print/text.js';

/** The flag of filled embeddings. */
export const fillingFlags = {
  embedding: { kind: 'list', value: 'column=file', help: 'vectors for new keys (of --transfer features)' },
} as const satisfies FlagTable;

/** How many rows read a vector that was filled in, by column and by how it came to be. */
export interface FilledRows {
  readonly column: string;
  readonly origin: string;
  readonly rows: number;
}

/** A model with the vectors of its flags, and what it counts of them. */
export interface Filling {
  readonly model: SavedClickModel;
  /** by column and origin, most rows first */
  readonly counts: () => FilledRows[];
  readonly count: (impressions: Impressions) => void;
}

/** Reads the embeddings that flags name. @throws InputError as `fillModel` */
export async function fillFromFlags(
  model: SavedClickModel,
  { embedding = [] }: GivenFlags<typeof fillingFlags>,
): Promise<Filling> {
  const origins = new Map<string, FilledModel['origins']>();
  let filled = model;
  for (const text of embedding) {
    const [column, file] = parseAssignment('--embedding', text, 'advertiser=filled.parquet');
    const result = fillModel(filled, { column, embedding: await readEmbedding(file), name: `--embedding ${text}` });
    origins.set(column, result.origins);
    filled = result.model;
  }
  const found = new Map<string, FilledRows>();
  return {
    model: filled,
    counts: () => [...found.values()].sort((a, b) => b.rows - a.rows),
    count: ({ categorical, domains }) => {
      for (const { name, domain, codes } of categorical) {
        const own = origins.get(name);
        const keys = domains.get(domain) ?? [];
        for (const code of own === undefined ? [] : codes) {
          const origin = own?.get(keys[code] ?? '');
          if (origin === undefined) continue;
          const entry = found.get(`${name} ${origin}`) ?? { column: name, origin, rows: 0 };
          found.set(`${name} ${origin}`, { ...entry, rows: entry.rows + 1 });
        }
      }
    },
  };
}

/** `3 rows with vectors from attributes` */
export function describeFilled(counts: readonly FilledRows[]): string[] {
  return counts.map(({ column, origin, rows }) => `${countOf(rows, 'row')} read a ${column} whose vector is ${origin}`);
}
