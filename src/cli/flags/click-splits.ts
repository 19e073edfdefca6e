/**
 * `--write-splits`: the parts of a split as files, for `click train` and `click compare`; they appear together with
 * what was made of them, or not at all.
 */
import { relative, resolve } from 'node:path';
import { InputError } from '../../checks.js';
import { readImpressionsWith } from '../../duckdb/impressions/read-impressions.js';
import type { Impressions } from '../../impressions/impressions.js';
import { splitWithOwnHistories } from '../../impressions/own-histories.js';
import { splitKinds, type Split } from '../../impressions/splits.js';
import { writeOutputs, type OutputPlace } from '../../files/atomic-file.js';
import { checkOutputFolder } from '../../files/output-folder.js';
import { type Source, nameOfSource } from '../../duckdb/sources/event-source.js';
import { splitsFolder, splitsOutput, withRepeatableSource } from '../../duckdb/impressions/write-splits.js';
import { readOptions, type ImpressionFlags, impressionOptions, ownHistories } from './click-impression-flags.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import type { SourceFlags } from './source-flags.js';
import { emptyColumns, warnOfEmptyColumns } from '../print/empty-columns.js';
import type { Call } from '../action.js';
import { noteTimes } from '../print/times-report.js';
import { suspectLists } from '../../impressions/suspect-lists.js';

/** The flags of the split. */
export const splitFlags = {
  split: { kind: 'text', value: 'shares', help: 'shares of training, validation and test [80,10,10]' },
  splitBy: { kind: 'choice', choices: splitKinds, help: 'what to split by; the first that is there' },
  writeSplits: {
    kind: 'text',
    value: 'folder',
    isCommon: true,
    help: 'write the three parts here, for click evaluate',
  },
} as const satisfies FlagTable;

/** What the flags of the split parse to. */
export type SplitFlags = GivenFlags<typeof splitFlags> &
  SourceFlags & { readonly out?: string | undefined; readonly overwrite?: boolean | undefined };

/** `80,10,10` → three numbers. */
function parseShares(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const shares = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (shares.length === 3 && shares.every((share) => share >= 0)) return shares;
  throw new InputError(`--split must be three numbers such as 80,10,10, got ${JSON.stringify(text)}`);
}

/**
 * Does some work with impressions whose parts may be wanted as files afterward.
 *
 * @param work - is given a source that reads alike each time, and a function that saves what was made of it, and the
 *   parts where they are asked for
 * @throws InputError before any work for a folder that is not ours, or that lies within the output
 */
export async function withSplits<Result>(
  source: Source,
  flags: SplitFlags & { readonly signal: AbortSignal },
  work: (source: Source, save: SaveWithSplits) => Promise<Result>,
): Promise<Result> {
  const { writeSplits: folder, out, overwrite = false, signal } = flags;
  const reading = { ...readOptions(flags), signal };
  const saveFrom =
    (repeatable: Source): SaveWithSplits =>
    async (parts, other) => {
      const splits =
        folder === undefined ? [] : [splitsOutput(repeatable, { folder, overwrite, ...reading, ...parts })];
      const outputs = [...splits, ...(other === undefined ? [] : [other])];
      if (outputs.length === 0) return;
      const fill = async (temporaryPaths: readonly string[]): Promise<void> => {
        for (const [i, path] of temporaryPaths.entries()) await outputs[i]?.fill(path);
      };
      await writeOutputs(
        outputs.map(({ place }) => place),
        fill,
        { signal },
      );
    };
  if (folder === undefined) return work(source, saveFrom(source));
  if (flags.badRows === 'skip') {
    throw new InputError('--write-splits keeps every row of the table, so it cannot be combined with --bad-rows skip');
  }
  checkApart(folder, out);
  await checkOutputFolder(folder, { ...splitsFolder, overwrite });
  return withRepeatableSource(source, reading, (repeatable) => work(repeatable, saveFrom(repeatable)));
}

/**
 * Reads impressions, tells what is odd about them, gives them their own histories, and splits them.
 *
 * @param seed - of a split by row or by user
 */
export async function readAndSplit(
  source: Source,
  { args, flags, progress, streams: { signal } }: Call<ImpressionFlags & SplitFlags>,
  seed?: number,
): Promise<{ readonly impressions: Impressions; readonly split: Split }> {
  const shares = parseShares(flags.split);
  progress.update('reading', { share: 0 });
  const { onKeys, onNote } = progress;
  const reading = impressionOptions(flags);
  const table = await readImpressionsWith(source, { ...reading, signal, onKeys, onNote });
  progress.end();
  suspectLists(table, reading.lists ?? []).forEach((warning) => progress.warn(warning));
  noteTimes(progress, nameOfSource(source), table, flags);
  warnOfEmptyColumns(progress, nameOfSource(source), emptyColumns(table));
  const found = splitWithOwnHistories(table, ownHistories(flags, args), { split: shares, by: flags.splitBy, seed });
  if (found.split.warning !== undefined) progress.warn(found.split.warning);
  return found;
}

/** A place and what fills it. */
export interface Output {
  readonly place: OutputPlace;
  readonly fill: (temporaryPath: string) => Promise<void>;
}

/** Writes the parts, where they are asked for, and what was made of them: both appear, or neither. */
export type SaveWithSplits = (
  parts: { readonly split: Split; readonly rows: number },
  other: Output | undefined,
) => Promise<void>;

function checkApart(folder: string, out: string | undefined): void {
  if (out === undefined) return;
  const [one, other] = [resolve(folder), resolve(out)];
  const isWithin = (inner: string, outer: string) => !/^\.\.($|[\\/])/.test(relative(outer, inner));
  if (!isWithin(one, other) && !isWithin(other, one)) return;
  throw new InputError(
    `--write-splits must be a folder apart from --out, got ${JSON.stringify(folder)} and ${JSON.stringify(out)}`,
  );
}
