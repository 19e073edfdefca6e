/** `compare`: two versions of an embedding, and how much of what changed is chance. */
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import { readToldEmbedding } from '../print/odd-vectors.js';
import { writeOutputParts } from '../../files/atomic-file.js';
import { unionOfSpans } from '../../histories/time-span.js';
import { compareEmbeddings, type EmbeddingComparison } from '../../lifecycle/compare-embeddings.js';
import { optionsOf } from '../../training/options-of.js';
import { renderComparison } from '../../report/comparison-page.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import { embeddingLogFlags, readLogOfEmbedding } from '../flags/embedding-log.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import { parseNumber } from '../flags/flags.js';
import { checkOutputFile } from '../flags/output-path.js';
import { describeComparison } from '../print/compare-report.js';
import { timesJson } from '../print/times-report.js';

const flagGroups = {
  'Noise floor': {
    log: {
      kind: 'list',
      value: 'log',
      isCommon: true,
      help: 'logs of OLDER and NEWER; one alone trains twins on its halves',
    },
    ...embeddingLogFlags,
    twin: { kind: 'list', value: 'embedding', help: 'take this embedding as a twin; give two' },
    seed: { kind: 'integer', min: 0, default: 1, help: 'of what chance decides' },
    threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 takes all cores' },
  },
  Options: {
    attribute: { kind: 'list', isNames: true, value: 'names', help: 'measure purity by these [all of both]' },
    failAbove: {
      kind: 'parsed',
      value: 'share',
      parse: (text, flag) => parseNumber(flag, text, { kind: 'number', min: 0, max: 1 }),
      isCommon: true,
      help: 'exit with 3 where more are beyond the noise floor: 0.05',
    },
    movers: { kind: 'integer', min: 0, default: 10, help: 'movers to print, to list without a floor' },
  },
  Output: { out: { kind: 'file', isCommon: true, help: 'also write the comparison as a page: report.html' } },
} as const satisfies FlagGroups;

type CompareFlags = FlagsOf<typeof flagGroups>;

/** Reads two embeddings, compares them, and exits with 3 where a gate is not met. */
export const command = defineCommand({
  arguments: [
    { name: 'older', help: 'embedding file' },
    { name: 'newer', help: 'embedding file of the same categories, later' },
  ],
  options: flagGroups,
  examples: [
    'category2vec compare advertisers.parquet again.parquet',
    'category2vec compare advertisers.parquet again.parquet --log world/clicks.parquet --log ' +
      'world/clicks.parquet --fail-above 0.05 --json',
  ],
  act: compare,
});

async function compare(call: Call<CompareFlags>): Promise<Result> {
  const { args, flags, progress, streams } = call;
  const [olderPath = '', newerPath = ''] = args;
  const { log, twin, attribute, movers = 10, failAbove } = flags;
  if (log !== undefined && twin !== undefined) throw new InputError('--log and --twin exclude each other, got both');
  if (twin !== undefined && twin.length !== 2) throw new InputError(`--twin must be given twice, got ${twin.length}`);
  if (failAbove !== undefined && log === undefined && twin === undefined) {
    throw new InputError('--fail-above needs a noise floor: name the log with --log, or two twins with --twin');
  }
  if (log !== undefined && log.length > 2) {
    throw new InputError(`--log must be given once or twice, got ${log.length}; name several files by a glob`);
  }
  const out = flags.out === undefined ? undefined : await checkOutputFile(flags.out, [...args, ...(log ?? [])]);
  const [older, newer] = [await readToldEmbedding(olderPath, progress), await readToldEmbedding(newerPath, progress)];
  const twins = await Promise.all((twin ?? []).map((path) => readToldEmbedding(path, progress)));
  const [olderLog, newerLog] = log ?? [];
  const reading = { flags, progress, signal: streams.signal };
  const one =
    olderLog === undefined || newerLog !== undefined ? undefined : await readLogOfEmbedding(olderLog, newer, reading);
  const both =
    olderLog === undefined || newerLog === undefined
      ? undefined
      : ([
          await readLogOfEmbedding(olderLog, older, reading, whole),
          await readLogOfEmbedding(newerLog, newer, reading, whole),
        ] as const);
  const comparison = await compareEmbeddings(
    older,
    newer,
    {
      twins: twins[0] && twins[1] && [twins[0], twins[1]],
      ...(one === undefined ? {} : { log: one }),
      ...(both === undefined ? {} : { logs: both }),
      twinOptions: { seed: flags.seed, options: { ...optionsOf(newer), threads: flags.threads ?? 0 } },
      attributes: attribute,
      most: movers,
    },
    {
      signal: streams.signal,
      onKeys: progress.onKeys,
      onProgress: (state) => progress.update('training twins', state),
    },
  );
  progress.end();
  if (out !== undefined) {
    const html = renderComparison(comparison, [basename(olderPath), basename(newerPath)]);
    await writeOutputParts(out, [html], { signal: streams.signal });
  }
  const times = unionOfSpans(one?.timeSpan ?? both?.[0].timeSpan, both?.[1].timeSpan);
  const paths = { older: olderPath, newer: newerPath, out, most: movers };
  return {
    json: {
      ...(out === undefined ? {} : { out }),
      ...comparison,
      ...(times === undefined ? {} : { times: timesJson(times) }),
    },
    text: describeComparison(comparison, paths),
    next: [['explore', olderPath, newerPath]],
    ...gateOf(comparison, failAbove),
  };
}

function gateOf({ beyondFloor }: EmbeddingComparison, failAbove: number | undefined): { readonly gate?: string } {
  if (failAbove === undefined || beyondFloor === null || beyondFloor.value <= failAbove) return {};
  return {
    gate: `a share of ${beyondFloor.value.toFixed(4)} is beyond the noise floor, more than --fail-above ${failAbove}`,
  };
}

/** Every click tells something of who clicked it: those alone in their history too, as there may be others in the other log. */
const whole = { keepSingles: true, minCount: 1, minHistories: 1, keepKeys: true } as const;
