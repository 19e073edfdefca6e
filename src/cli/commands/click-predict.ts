/** `click predict`: a table of any size → the same with the probability of a click in a new column. */
import { extname } from 'node:path';
import { InputError } from '../../checks.js';
import { writePredictionsWith } from '../../duckdb/impressions/write-predictions.js';
import type { Impressions } from '../../impressions/impressions.js';
import { nameOfSource } from '../../duckdb/sources/event-source.js';
import { parsePart } from '../../histories/part.js';
import { unionOfSpans } from '../../histories/time-span.js';
import { timeFlags } from '../flags/times.js';
import { emptyColumns, warnOfEmptyColumns } from '../print/empty-columns.js';
import { impressionTimesJson, noteTimes } from '../print/times-report.js';
import { readClickModel } from '../../duckdb/tables/click-model-folder.js';
import type { Call } from '../action.js';
import { clickPredictExample } from './click-examples.js';
import {
  historyFlags,
  impressionArgument,
  impressionSource,
  lacksOfImpressions,
} from '../flags/click-impression-flags.js';
import { knownTableOptions } from '../flags/click-tables.js';
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
    part: { kind: 'text', value: 'i/n', help: 'only one part of the rows, such as 3/16' },
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
  const part = flags.part === undefined ? undefined : parsePart('--part', flags.part);
  const filling = await fillFromFlags(await readClickModel(folder), flags);
  let last: Impressions | undefined;
  let empty: readonly string[] | undefined;
  const written = { model: filling.model, source };
  const { rows, column, mean } = await writePredictionsWith(out, written, {
    ...knownTableOptions(flags),
    column: flags.column,
    part,
    signal,
    onKeys: progress.onKeys,
    onNote: progress.onNote,
    onProgress: ({ stage, share }) => progress.update(stage, { share }),
    onImpressions: (impressions) => {
      last = { ...impressions, timeSpan: unionOfSpans(last?.timeSpan, impressions.timeSpan) };
      const without = emptyColumns(impressions);
      empty = (empty ?? without).filter((each) => without.includes(each));
      filling.count(impressions);
    },
  });
  if (last !== undefined) noteTimes(progress, nameOfSource(source), last);
  warnOfEmptyColumns(progress, nameOfSource(source), empty ?? []);
  return {
    json: {
      out,
      ...(flags.part === undefined ? {} : { part: flags.part }),
      rows,
      column,
      mean: mean ?? null,
      ...(flags.embedding === undefined ? {} : { filled: filling.counts() }),
      ...(last === undefined ? {} : impressionTimesJson(last)),
    },
    text: [
      `${printable(out)}: ${countOf(rows, 'row')} with ` +
        `${printable(column)}${mean === undefined ? '' : `, ${formatFigure(mean, 4)} in the mean`}`,
      ...describeFilled(filling.counts()).map(indent),
    ].join('\n'),
  };
}
