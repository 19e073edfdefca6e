/**
 * Embeddings for a click model, from the command line: read, held against leaks, with the clicks that `hard` and `soft`
 * continue on.
 */
import { domainOfColumn } from '../../impressions/column-domains.js';
import type { ColumnTransfer } from '../../click-network/training-input.js';
import { InputError } from '../../checks.js';
import type { Impressions } from '../../impressions/impressions.js';
import { checkTransfers } from '../../click-network/check-transfers.js';
import type { ClickModel } from '../../click-network/model.js';
import type { ResolvedClickOptions } from '../../click-network/options.js';
import { readEmbedding } from '../../duckdb/tables/embedding-file.js';
import { csvOptions } from '../../duckdb/sources/csv-dialect.js';
import { nameOfSource } from '../../duckdb/sources/event-source.js';
import { timeOptionsOf } from '../../duckdb/impressions/join-histories.js';
import { readHistoriesWith } from '../../duckdb/events/read-histories.js';
import type { Embedding } from '../../embedding/embedding.js';
import type { Histories } from '../../histories/histories.js';
import { furtherTraining } from '../../training/options-of.js';
import type { NegativesWithin } from '../../training/training-plan.js';
import type { Call } from '../action.js';
import { historyLogs, parseAssignment, type ImpressionFlags } from './click-impression-flags.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { formatCount, printable } from '../print/text.js';
import { withinCodes } from './train-negatives.js';

/** The flags of embeddings; `--transfer` is one of the training options. */
export const transferFlags = {
  embedding: {
    kind: 'list',
    value: 'column=file',
    isCommon: true,
    help: 'vectors for a column, advertiser=FILE; repeatable',
  },
  allowLeak: { kind: 'flag', default: false, help: 'accept an embedding whose log ends after the first impression' },
} as const satisfies FlagTable;

/** What the flags of embeddings parse to. */
export type TransferFlags = GivenFlags<typeof transferFlags>;

/** What transfers are read for. */
export interface TransferSetting {
  readonly impressions: Impressions;
  readonly transfer: ResolvedClickOptions['transfer'] | undefined;
  readonly call: Call<ImpressionFlags & TransferFlags>;
}

/**
 * Checks that vectors and their use are given together: before a table is read for nothing.
 *
 * @throws InputError for one without the other
 */
export function checkTransferFlags(
  given: readonly string[] = [],
  transfer: ResolvedClickOptions['transfer'] = 'scratch',
): void {
  if (transfer === 'scratch' && given.length > 0) {
    throw new InputError(
      `--embedding ${given[0]} needs --transfer, which says how the vectors are used: features, init, hard or soft, got none`,
    );
  }
  if (transfer !== 'scratch' && given.length === 0) {
    throw new InputError(
      `--transfer ${transfer} needs vectors: name them with --embedding COLUMN=FILE, such as advertiser=advertisers.parquet`,
    );
  }
}

/**
 * Reads the embeddings that flags name; for `hard` and `soft`, also the clicks of the history log of the same domain.
 *
 * @throws InputError for an embedding that is not used or missing, that is of a later time than the first impression,
 *   or of another column
 */
export async function readTransfers(
  { embedding: given = [], allowLeak = false }: TransferFlags,
  setting: TransferSetting,
): Promise<ColumnTransfer[]> {
  const { impressions, transfer = 'scratch' } = setting;
  checkTransferFlags(given, transfer);
  const transfers: ColumnTransfer[] = [];
  for (const text of given) {
    const [column, file] = parseAssignment('--embedding', text, 'advertiser=advertisers.parquet');
    domainOfColumn(impressions, column);
    const embedding = await readEmbedding(file);
    const given = { column, embedding, names: { embedding: `--embedding ${text}` } };
    // training judges them again, and says what cannot be judged; here nothing more is read in vain
    checkTransfers([given], impressions.times, { allowLeak });
    if (transfer !== 'hard' && transfer !== 'soft') {
      transfers.push(given);
      continue;
    }
    const { histories, name } = await readClicks(column, setting);
    const names = { ...given.names, histories: `--history-from ${name}` };
    transfers.push({ column, embedding, names, histories, negativesWithin: sameNegatives(embedding, histories) });
  }
  return transfers;
}

/** The clicks of the history log whose categories share the column's table. */
async function readClicks(
  column: string,
  { impressions, call: { flags, progress, streams } }: TransferSetting,
): Promise<{ readonly histories: Histories; readonly name: string }> {
  const domain = domainOfColumn(impressions, column);
  const log = historyLogs(flags).find(({ name = 'history' }) => domainOfColumn(impressions, name) === domain);
  if (log === undefined) {
    throw new InputError(
      '--transfer hard and soft continue training on the clicks of a log: name it with --history-from and ' +
        'let it share the table of ' +
        `${JSON.stringify(column)}, such as --share ${column}=history`,
    );
  }
  const { source, category, user = flags.user, time = flags.time, where } = log;
  const histories = await readHistoriesWith(source, {
    ...csvOptions(log),
    history: user ?? '',
    category,
    time,
    ...(time === undefined ? {} : timeOptionsOf(log, flags)),
    where,
    signal: streams.signal,
    onNote: progress.onNote,
    onProgress: ({ stage, share }) => progress.update(`reading clicks (${stage})`, { share }),
  });
  progress.end();
  return { histories, name: nameOfSource(source) };
}

/** Where the embedding drew its negatives within an attribute that it holds, these clicks do the same. */
function sameNegatives(
  { provenance, attributes, vocabulary }: Embedding,
  clicks: Histories,
): NegativesWithin | undefined {
  const name = provenance.negativesWithin;
  const values = attributes.get(name ?? '');
  if (name === undefined || values === undefined) return undefined;
  const ofClicks = clicks.vocabulary.keys.map((key) => values[vocabulary.rowOf(key) ?? -1] ?? null);
  return withinCodes(name, new Map([[name, ofClicks]]));
}

/** How an embedding met the table of its column: what it lacks, and how its numbers were brought to those of the table. */
export function describeVectors(
  { column, embedding, histories, training }: ColumnTransfer,
  { encoder, network }: ClickModel,
  impressions: Impressions,
): string {
  const domain = domainOfColumn(impressions, column);
  const at = encoder.tables.findIndex((table) => table.domain === domain);
  const { keys = [], counts = [] } = encoder.tables[at]?.vocabulary ?? {};
  const met = keys.filter((_, row) => (counts[row] ?? 0) > 0);
  const lacking = met.filter((key) => embedding.vocabulary.rowOf(key) === undefined).length;
  const given = embedding.dimension;
  const own = network.tables[at]?.dimension ?? given;
  return [
    `${printable(column)}: of ${formatCount(met.length - lacking)} of the ${formatCount(met.length)} categories met in training`,
    ...(lacking === 0 ? [] : ['the others start at their mean']),
    ...(own < given ? [`${given} numbers turned onto their ${own} strongest axes`] : []),
    ...(own > given ? [`${given} numbers filled up with zeros to ${own}`] : []),
    ...(histories === undefined ? [] : [`${furtherTraining(embedding, training).model} continues on the clicks`]),
  ].join('; ');
}
