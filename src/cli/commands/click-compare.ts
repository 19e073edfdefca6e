/**
 * `click compare`: every way of using an embedding on fractions of the labels, beside baselines, placebos and the best
 * possible score.
 */
import type { ColumnTransfer } from '../../click-network/training-input.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkChoice, InputError } from '../../checks.js';
import { spellingHint } from '../../closest-spellings.js';
import { compareTransfers } from '../../experiments/compare-transfers.js';
import {
  type Comparison,
  type Placebo,
  type PurityQuestion,
  type Transfer,
  comparedFractions,
  comparisonOptions,
} from '../../experiments/comparison.js';
import { clickOptions } from '../../click-network/options.js';
import { permutedWithin, vectorsOfTruth } from '../../experiments/placebos.js';
import { checkOutputFolder } from '../../files/output-folder.js';
import { type Source } from '../../duckdb/sources/event-source.js';
import { impressionTimesJson } from '../print/times-report.js';
import { readProbabilities } from '../../duckdb/impressions/read-probabilities.js';
import { attributeNamed } from '../../embedding/attribute.js';
import { attributesByKey, joinAttributes, type AttributesByKey } from '../../embedding/join-attributes.js';
import { drawLearningCurves } from '../../report/learning-curves.js';
import type { Call } from '../action.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { encoderOptions, encodingFlags } from '../flags/click-encoding.js';
import {
  columnsOfImpressions,
  impressionArgument,
  impressionGroups,
  impressionSource,
  lacksOfImpressions,
} from '../flags/click-impression-flags.js';
import { splitFlags, withSplits, type Output, type SaveWithSplits, readAndSplit } from '../flags/click-splits.js';
import { readTransfers, transferFlags } from '../flags/click-transfers.js';
import { withoutFlags, type FlagGroups, type FlagsOf } from '../flags/flag-table.js';
import { tableValues } from '../flags/flags.js';
import { describeComparison } from '../print/click-compare-report.js';
import { clickTrainNext } from '../print/next-steps.js';
import type { Progress } from '../print/progress.js';
import { clickCompareExample } from './click-examples.js';

const outputs = ['comparison.json', 'curves.svg'];
const allTransfers = clickOptions.transfer.choices;

const flagGroups = {
  ...impressionGroups,
  Encoding: withoutFlags(encodingFlags, 'predictAs'),
  Split: splitFlags,
  Embeddings: transferFlags,
  Comparison: {
    transfers: { kind: 'list', isNames: true, value: 'words', isCommon: true, help: `what is compared [default all]` },
    fractions: {
      kind: 'parsed',
      value: 'shares',
      isCommon: true,
      help: `shares of the labels [default ${comparedFractions.join(',')}]`,
      parse: parseFractions,
    },
    ...comparisonOptions,
    attribute: {
      kind: 'list',
      isNames: true,
      value: 'name',
      help: 'attribute to judge: language, topic/language; repeatable',
    },
    permuteWithin: { kind: 'text', value: 'name', help: 'placebo: vectors permuted within the values of an attribute' },
    truth: { kind: 'text', value: 'names', help: 'placebo: vectors made from true groups: topic/language' },
    oracle: { kind: 'file', help: "a simulated world's oracle.parquet: the best possible score" },
  },
  Attributes: attributeFlags,
  Training: withoutFlags(clickOptions, 'transfer', 'seed'),
  Output: {
    out: { kind: 'text', value: 'folder', isCommon: true, help: 'folder for comparison.json and curves.svg' },
    overwrite: { kind: 'flag', default: false, help: 'allow a folder that holds other files' },
  },
} as const satisfies FlagGroups;

type CompareFlags = FlagsOf<typeof flagGroups>;

/** Compares, prints one table, and keeps it as JSON with a picture of the curves. */
export const command = defineCommand({
  arguments: [impressionArgument('files or globs, one row for each impression')],
  options: flagGroups,
  examples: [clickCompareExample],
  lacks: (asked) => [lacksOfImpressions(asked)],
  columns: columnsOfImpressions,
  act: compare,
});

async function compare(call: Call<CompareFlags>): Promise<Result> {
  const { args, flags, streams } = call;
  const { out, overwrite = false } = flags;
  if (out !== undefined) await checkOutputFolder(out, { kind: 'comparison', ours: outputs, overwrite });
  return withSplits(impressionSource(args, flags), { ...flags, signal: streams.signal }, (source, save) =>
    compareOn(source, call, save),
  );
}

async function compareOn(source: Source, call: Call<CompareFlags>, saveWithSplits: SaveWithSplits): Promise<Result> {
  const { flags, progress, streams } = call;
  const { out, overwrite = false, seeds, settings, fractions } = flags;
  const names = (flags.transfers ?? allTransfers).map((name) => checkChoice('--transfers', name, allTransfers));
  const { impressions, split } = await readAndSplit(source, call);
  const transfers = await readTransfers(flags, { impressions, transfer: mostNeeded(names, flags), call });
  const attributes = (await readAttributeFlags(flags, { progress, signal: streams.signal })) ?? attributesOf(transfers);
  const oracle =
    flags.oracle === undefined
      ? undefined
      : await readProbabilities(flags.oracle, {
          column: 'probability_given_history',
          rows: impressions.count,
          signal: streams.signal,
        });
  const comparison = await compareTransfers(
    {
      impressions,
      split,
      transfers,
      placebos: placebosOf(flags, transfers, { attributes, progress }),
      attributes,
      oracle,
    },
    {
      names,
      fractions,
      seeds,
      settings,
      training: tableValues(clickOptions, { ...flags }),
      encoder: encoderOptions(flags, impressions),
      purities: puritiesAsked(flags, attributes),
      allowLeak: flags.allowLeak,
    },
    {
      signal: streams.signal,
      onKeys: progress.onKeys,
      onNote: progress.warnAtEnd,
      clock: () => performance.now() / 1000,
      onProgress: ({ share, model }) => progress.update(`comparing (${model})`, { share }),
    },
  );
  progress.end();
  const figures = { ...comparison, ...impressionTimesJson(impressions) };
  const output = out === undefined ? undefined : outputOf(out, { figures, comparison, overwrite });
  await saveWithSplits({ split, rows: impressions.count }, output);
  const json = { ...(out === undefined ? {} : { out }), ...figures };
  const transfer = comparison.chosen.at(-1)?.transfer;
  return {
    json,
    text: describeComparison(comparison, out),
    next: transfer === undefined ? [] : [nextWords(transfer, call)],
  };
}

/** How to train what validation chose; without vectors, no embedding is named. */
function nextWords(transfer: string, { args, flags }: Call<CompareFlags>): string[] {
  return transfer === 'scratch'
    ? clickTrainNext(args, { ...flags, embedding: undefined }, {})
    : clickTrainNext(args, flags, { transfer });
}

/** What the first embedding brings along. */
function attributesOf([first]: readonly ColumnTransfer[]): AttributesByKey | undefined {
  return first === undefined || first.embedding.attributes.size === 0 ? undefined : attributesByKey(first.embedding);
}

/** The transfer that needs the most of an embedding: hard reads the clicks as well. */
function mostNeeded(names: readonly Transfer[], { embedding }: CompareFlags): Transfer {
  const order: readonly Transfer[] = ['hard', 'soft', 'init', 'features'];
  // placebos and purities read an embedding where scratch alone is compared
  return order.find((name) => names.includes(name)) ?? (embedding === undefined ? 'scratch' : 'features');
}

function parseFractions(text: string): readonly number[] {
  const fractions = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (fractions.every((fraction) => fraction > 0 && fraction <= 1))
    return [...new Set(fractions)].sort((a, b) => a - b);
  throw new InputError(
    `--fractions must be numbers above 0 and up to 1 such as 0.01,0.1,1, got ${JSON.stringify(text)}`,
  );
}

function puritiesAsked({ attribute }: CompareFlags, attributes: AttributesByKey | undefined): PurityQuestion[] {
  return (attribute ?? []).map((text) => {
    const [name = '', within] = text.split('/').map((part) => part.trim());
    for (const each of [name, within]) {
      if (each !== undefined && attributes?.get(each) === undefined) {
        const known =
          attributes === undefined
            ? 'the embedding has none: name a table with --attributes FILE --key COLUMN'
            : [...attributes.keys()].join(', ');
        throw new InputError(
          `--attribute must name attributes of the categories (${known}), got ` +
            `${JSON.stringify(text)}${spellingHint(each, [...(attributes?.keys() ?? [])])}`,
        );
      }
    }
    return { attribute: name, within };
  });
}

function placebosOf(
  flags: CompareFlags,
  transfers: readonly ColumnTransfer[],
  { attributes, progress }: { readonly attributes: AttributesByKey | undefined; readonly progress: Progress },
): Placebo[] {
  const { permuteWithin, truth } = flags;
  const first = transfers[0];
  if (permuteWithin === undefined && truth === undefined) return [];
  if (first === undefined)
    throw new InputError('--permute-within and --truth need an --embedding to stand in for, got none');
  const known = joinAttributes(first.embedding.vocabulary, attributes ?? new Map(), joinHooks(flags, progress));
  const placebos: Placebo[] = [];
  if (permuteWithin !== undefined) {
    const embedding = permutedWithin(first.embedding, attributeNamed(known, permuteWithin), 1);
    placebos.push({ name: `permuted within ${permuteWithin}`, transfers: [{ column: first.column, embedding }] });
  }
  if (truth !== undefined) {
    const [inner = '', outer = inner] = truth.split('/').map((part) => part.trim());
    const groups = { outer: attributeNamed(known, outer), inner: attributeNamed(known, inner) };
    const embedding = vectorsOfTruth(first.embedding, groups, 1);
    placebos.push({ name: `true ${inner}`, transfers: [{ column: first.column, embedding }] });
  }
  return placebos;
}

interface Saved {
  readonly figures: Comparison;
  readonly comparison: Comparison;
  readonly overwrite: boolean;
}

function outputOf(out: string, { figures, comparison: { summary, oracle }, overwrite }: Saved): Output {
  // the same input, options and seed write the same bytes: how long a model took is only printed
  const rows = figures.rows.map((row) => ({ ...row, seconds: undefined }));
  const repeatable = { ...figures, rows };
  const names = [...new Set(summary.map(({ transfer }) => transfer))];
  const picture = drawLearningCurves({
    title: 'What an embedding is worth, by the share of the labels',
    measure: 'AUC on the test rows',
    curves: names.map((name) => ({
      name,
      points: summary
        .filter(({ transfer }) => transfer === name)
        .map(({ fraction, auc }) => ({ share: fraction, ...auc })),
    })),
    best: oracle === null ? undefined : { name: 'best possible', value: oracle.auc },
  });
  return {
    place: { folder: out, kind: 'comparison', ours: outputs, overwrite },
    fill: async (folder) => {
      await writeFile(join(folder, 'comparison.json'), `${JSON.stringify(repeatable, undefined, 2)}\n`);
      await writeFile(join(folder, 'curves.svg'), picture);
    },
  };
}
