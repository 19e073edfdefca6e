/** `prepare`: an event log → a folder of histories in shards, which `train`, `backtest` and `features` read in its place. */
import { isPrepared } from '../../duckdb/prepared/names.js';
import { InputError } from '../../checks.js';
import type { LogManifest } from '../../histories/prepared-log.js';
import { filterOptions } from '../../histories/reader-options.js';
import { trainingOptions } from '../../training/options.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { columnsOfLog, lacksOfLog, logArgument, logFlags, logName, anyLogSource } from '../flags/log-flags.js';
import { outputFolder } from '../flags/output-path.js';
import { prepareFromFlags, shardOptions } from '../flags/prepared-flags.js';
import { describeHistories } from '../print/histories-report.js';
import { warnOfTimes, timesJson } from '../print/times-report.js';
import { countOf, formatCount, printable } from '../print/text.js';

const flagGroups = {
  'Event log': logFlags,
  Filters: filterOptions,
  Shards: { ...shardOptions, seed: trainingOptions.seed },
  Output: outputFolder('where the shards go; made if it does not exist'),
} as const satisfies FlagGroups;

type PrepareFlags = FlagsOf<typeof flagGroups>;

/** Reads an event log, shapes its histories, and splits them into shards. */
export const command = defineCommand({
  arguments: [logArgument],
  options: flagGroups,
  examples: [
    'category2vec prepare world/clicks.parquet --history user_id --category advertiser --time time --out histories',
    'category2vec train histories --out prepared.parquet',
  ],
  lacks: lacksOfLog,
  columns: columnsOfLog,
  act: prepare,
});

async function prepare(call: Call<PrepareFlags>): Promise<Result> {
  const { args, flags, progress } = call;
  const { out, overwrite } = flags;
  const [folder] = args;
  if (folder !== undefined && isPrepared(folder)) {
    throw new InputError(`${folder} is prepared already; name the log that it was made of`);
  }
  const name = logName(anyLogSource(args, flags));
  const { manifest, lengths } = await prepareFromFlags(out, call, { overwrite });
  progress.end();
  const { timeSpan, ties, categories, shards, ...sizes } = manifest;
  progress.note(
    describeHistories(name, {
      ...sizes,
      lengths,
      vocabulary: { size: categories },
      timeSpan: timeSpan ?? undefined,
      ties: ties ?? undefined,
      shards: shards.length,
    }),
  );
  warnOfTimes(progress, name, timeSpan ?? undefined, flags);
  return report(out, manifest);
}

function report(out: string, manifest: LogManifest): Result {
  const { shards, histories, clicks, categories, dropped, timeSpan } = manifest;
  return {
    json: {
      out,
      shards: shards.length,
      histories,
      clicks,
      categories,
      dropped: Object.fromEntries(
        Object.entries(dropped).filter(([name, count]) => count !== undefined && name !== 'badRows'),
      ),
      ...(timeSpan === null ? {} : { times: timesJson(timeSpan) }),
    },
    text:
      `${printable(out)}: ${countOf(clicks, 'click')} by ${countOf(histories, 'history', 'histories')} on ` +
      `${formatCount(categories)} categories in ${countOf(shards.length, 'shard')}`,
    next: [['train', out, '--out', 'embedding.parquet']],
  };
}
