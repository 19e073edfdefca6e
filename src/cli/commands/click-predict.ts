/** `click predict`: a table of any size → the same with the probability of a click in a new column. */
import { extname } from 'node:path';
import { InputError } from '../../checks.js';
import { openPredictor } from '../../click-model/predictor.js';
import type { ReadNotes } from '../../duckdb/events/check-keys.js';
import { addColumn } from '../../duckdb/impressions/add-column.js';
import type { Impressions } from '../../impressions/impressions.js';
import { nameOfSource } from '../../duckdb/sources/event-source.js';
import { parsePart } from '../../histories/part.js';
import { unionOfSpans } from '../../histories/time-span.js';
import { timeFlags } from '../flags/times.js';
import { emptyColumns, warnOfEmptyColumns } from '../print/empty-columns.js';
import { impressionTimesJson, noteTimes } from '../print/times-report.js';
import { checkSourceSpaces } from '../../duckdb/impressions/table-spaces.js';
import { readClickModel } from '../../duckdb/tables/click-model-folder.js';
import { checkedColumns, keyColumns, withHint } from '../../duckdb/impressions/read-impressions-for.js';
import { pieceReader } from '../../duckdb/impressions/read-pieces.js';
import { GatheredKeys } from '../../embedding/key-match.js';
import type { Call } from '../action.js';
import { clickPredictExample } from './click-examples.js';
import {
  historyFlags,
  impressionArgument,
  impressionSource,
  lacksOfImpressions,
  readOptions,
} from '../flags/click-impression-flags.js';
import { checkTable, knownTableOptions } from '../flags/click-tables.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { checkOutputFile } from '../flags/output-path.js';
import { filesOfQuery } from '../../duckdb/engine/sql-text.js';
import { countOf, formatFigure, indent, printable } from '../print/text.js';
import { describeFilled, fillFromFlags, fillingFlags } from '../flags/click-filling.js';
import { sourceFlags } from '../flags/source-flags.js';

const flagGroups = {
  Histories: historyFlags,
  Embeddings: fillingFlags,
  Reading: { ...timeFlags, ...sourceFlags },
  Output: {
    part: {
      kind: 'text',
      value: 'i/n',
      help: 'only one part of the rows, such as 3/16',
    },
    column: { kind: 'text', value: 'name', help: 'name of the new column [probability]' },
    out: { kind: 'file', isRequired: true, help: 'table to write: .csv, .tsv, or .parquet' },
  },
} as const satisfies FlagGroups;

type ClickPredictFlags = FlagsOf<typeof flagGroups>;

/** Reads a model, adds its probabilities to a table. */
export const command = defineCommand({
  arguments: [
    { name: 'model', help: 'folder of a click model' },
    impressionArgument('table with the columns that the model reads'),
  ],
  options: flagGroups,
  examples: [clickPredictExample],
  lacks: (asked) => [lacksOfImpressions(asked, 1)],
  act: predict,
});

async function predict({ args, flags, progress, streams: { signal } }: Call<ClickPredictFlags>): Promise<Result> {
  const [folder = '', ...files] = args;
  const source = impressionSource(files, flags);
  const out = await checkOutputFile(flags.out, [...files, ...filesOfQuery(flags.sql), ...(flags.historyFrom ?? [])]);
  if (!['', '.csv', '.tsv', '.parquet'].includes(extname(out).toLowerCase())) {
    throw new InputError(`--out must end in .csv, .tsv or .parquet, got ${JSON.stringify(out)}`);
  }
  const { column = 'probability' } = flags;
  const part = flags.part === undefined ? undefined : parsePart('--part', flags.part);
  const filling = await fillFromFlags(await readClickModel(folder), flags);
  const { model } = filling;
  await checkTable(model, files, flags);
  await checkSourceSpaces(model, source);
  progress.update('predicting', { share: 0 });
  let sum = 0;
  const gathered = new GatheredKeys();
  let last: Impressions | undefined;
  let empty: readonly string[] | undefined;
  const predictor = openPredictor(model);
  // Pieces are Parquet, so that what says how the table was written is said of the table alone.
  const { sql: _, delimiter: _1, header: _2, encoding: _3, quote: _4, ...ofPieces } = flags;
  // notes of a table tell of the whole, warnings of a log of each piece's
  const onWarning: ReadNotes['onNote'] = (note, details) => {
    if (details?.isWarning) progress.onNote(note, details);
  };
  // every row is needed: none is skipped
  const readPiece = pieceReader(model, {
    ...knownTableOptions(ofPieces),
    badRows: 'refuse',
    gathered,
    signal,
    onNote: onWarning,
  });
  const rows = await addColumn(source, out, {
    ...readOptions(flags),
    column,
    part,
    keys: keyColumns(model),
    checked: checkedColumns(model, knownTableOptions(flags)),
    signal,
    onNote: progress.onNote,
    // each piece reads the logs anew
    pieceRows: flags.historyFrom === undefined ? undefined : 500_000,
    read: async (piece) => {
      const impressions = await readPiece(piece);
      last = { ...impressions, timeSpan: unionOfSpans(last?.timeSpan, impressions.timeSpan) };
      const without = emptyColumns(impressions);
      empty = (empty ?? without).filter((each) => without.includes(each));
      return impressions;
    },
    compute: async (impressions) => {
      const { probabilities } = await predictor.predict(impressions, {}, { gathered, signal });
      filling.count(impressions);
      for (const probability of probabilities) sum += probability;
      return probabilities;
    },
    onPiece: (done, all) => {
      progress.update('predicting', { share: done / all });
      if (done === all) gathered.matches().forEach(progress.onKeys);
    },
  })
    .catch((error: unknown) => {
      throw withHint(error, model);
    })
    .finally(() => predictor.close());
  if (last !== undefined) noteTimes(progress, nameOfSource(source), last);
  warnOfEmptyColumns(progress, nameOfSource(source), empty ?? []);
  return {
    json: {
      out,
      ...(flags.part === undefined ? {} : { part: flags.part }),
      rows,
      column,
      mean: rows === 0 ? null : sum / rows,
      ...(flags.embedding === undefined ? {} : { filled: filling.counts() }),
      ...(last === undefined ? {} : impressionTimesJson(last)),
    },
    text: [
      `${printable(out)}: ${countOf(rows, 'row')} with ` +
        `${printable(column)}${rows === 0 ? '' : `, ${formatFigure(sum / rows, 4)} in the mean`}`,
      ...describeFilled(filling.counts()).map(indent),
    ].join('\n'),
  };
}
