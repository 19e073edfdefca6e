/** What `train` says at its end: the object of the contract, or a few lines and a hint for the next command. */
import { timesJson } from './times-report.js';
import type { Result } from '../command.js';
import type { Embedding } from '../../embedding/embedding.js';
import type { FoldedIn } from '../../training/fold-in.js';
import { confidentShare } from '../../evaluation/confident-share.js';
import type { Histories } from '../../histories/histories.js';
import { sizesOfLog, type ShardedLog } from '../../histories/sharded-log.js';
import {
  countOf,
  formatCount,
  formatFigure,
  formatPairs,
  formatSeconds,
  formatShare,
  formatShort,
  indent,
  printable,
} from './text.js';
import { embeddingNext } from './next-steps.js';

/** A finished run. */
export interface TrainingRun {
  readonly out: string;
  readonly embedding: Embedding;
  readonly histories: Histories | ShardedLog;
  /** what became of the categories that were not trained, where that was asked for */
  readonly foldedIn?: FoldedIn | undefined;
  readonly seconds: number;
  /** of measuring what chance gives, after training */
  readonly chanceSeconds: number;
  readonly readSeconds: number;
  readonly threads: number;
}

/** The result of a run. */
export function reportTraining(run: TrainingRun): Result {
  return { json: toJson(run), text: describeRun(run), next: embeddingNext(run.out, run.embedding) };
}

function toJson({ out, embedding, histories, foldedIn, seconds, readSeconds, threads }: TrainingRun) {
  const { pairs, loss = null, epochs = null, passes = null } = embedding.provenance.measures ?? {};
  return {
    out,
    categories: histories.vocabulary.size,
    ...sizesOfLog(histories),
    ...(foldedIn === undefined
      ? {}
      : { foldedIn: { categories: foldedIn.folded, left: foldedIn.left, ...foldedIn.judged } }),
    ...(histories.timeSpan === undefined ? {} : { times: timesJson(histories.timeSpan) }),
    dropped: Object.fromEntries(Object.entries(histories.dropped).filter(([, count]) => count !== undefined)),
    ...(pairs === undefined ? {} : { pairs, pairsPerSecond: Math.round(pairs / Math.max(seconds, 1e-9)) }),
    seconds: rounded(seconds),
    readSeconds: rounded(readSeconds),
    ...(pairs === undefined ? { passes } : { loss, epochs }),
    threads,
    peakMegabytes: peakMegabytes(),
    ...(embedding.provenance.aligned === undefined
      ? {}
      : { version: embedding.version, alignment: embedding.alignment }),
  };
}

function describeRun({ out, embedding, foldedIn, seconds, chanceSeconds, readSeconds, threads }: TrainingRun): string {
  const { vocabulary, dimension } = embedding;
  const rows = [
    ...progressRows(embedding, seconds, threads),
    ...alignedRows(embedding),
    ...foldedRows(foldedIn),
    [
      'time',
      `${formatSeconds(seconds)} for training, ${formatSeconds(chanceSeconds)} for measuring chance, ` +
        `${formatSeconds(readSeconds)} for reading`,
    ],
    ['memory', `${formatCount(peakMegabytes())} MB at the peak`],
  ] as const;
  return [
    `${printable(out)}: ${countOf(vocabulary.size, 'category', 'categories')} × ${dimension} numbers`,
    indent(formatPairs(rows)),
  ].join('\n');
}

/** How many categories got a vector from their contexts, and how near known ones come to theirs that way. */
function foldedRows(foldedIn: FoldedIn | undefined): (readonly [string, string])[] {
  if (foldedIn === undefined) return [];
  const { folded, judged } = foldedIn;
  const near =
    judged === undefined
      ? 'too few are known to judge it'
      : `${countOf(judged.hidden, 'known one')}, hidden, came out with a cosine of ` +
        `${formatFigure(judged.cosine)} to what was trained (${formatFigure(judged.chance)} to another)`;
  return [['folded in', `${countOf(folded, 'category', 'categories')} from their contexts; ${near}`]];
}

/** What must be known of a turn that its categories do not settle: any other that keeps them in place would do as well. */
export function looseSpaceWarning({ provenance: { aligned }, dimension }: Embedding): string | undefined {
  if (aligned === undefined || aligned.shared >= dimension) return undefined;
  return (
    `--align-to shares ${countOf(aligned.shared, 'category', 'categories')}, fewer than the ${dimension} dimensions: ` +
    'the space of all others is not settled by so few, and their vectors mean nothing beside the earlier ones; ' +
    'leave --align-to out to begin a chain of its own'
  );
}

/** How near the vectors came to the space that they were turned onto. */
function alignedRows({ provenance, alignment, chain }: Embedding): (readonly [string, string])[] {
  if (provenance.aligned === undefined) return [];
  const { shared, meanBefore = NaN, meanAfter = NaN } = provenance.aligned;
  const cosines = `${formatFigure(meanBefore)} before, ${formatFigure(meanAfter)} after`;
  return [
    ['aligned', `cosine of the ${countOf(shared, 'category', 'categories')} of both with themselves: ${cosines}`],
    ['space', `alignment id ${alignment}, version ${formatCount(chain.length)} of its chain`],
  ];
}

/** What was done to get the vectors. */
function progressRows(embedding: Embedding, seconds: number, threads: number): (readonly [string, string])[] {
  const { pairs, loss = NaN, epochs = NaN, passes = NaN } = embedding.provenance.measures ?? {};
  if (pairs === undefined) {
    return [['passes', `${formatCount(passes)} over all clicks on ${countOf(threads, 'thread')}`]];
  }
  const rate = formatShort(pairs / Math.max(seconds, 1e-9));
  return [
    ['loss', `${formatFigure(loss)} in the last of ${countOf(epochs, 'epoch')}`],
    ['pairs', `${formatShort(pairs)}, ${rate} a second on ${countOf(threads, 'thread')}`],
  ];
}

function peakMegabytes(): number {
  return Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** A warning where every score, the product of an input and an output vector, is still nearly 0: nothing was learned. */
export function untrainedWarning({ vectors, outputVectors, dimension, provenance }: Embedding): string | undefined {
  if (outputVectors === undefined || provenance.measures?.loss === undefined) return undefined;
  if (longestRow(vectors, dimension) * longestRow(outputVectors, dimension) >= 0.01) return undefined;
  return (
    'the vectors have hardly moved from where they began, so they say nothing yet; raise --learning-rate, ' +
    '--epochs or the weights'
  );
}

/** Length of the longest row of a matrix. */
function longestRow(matrix: Float32Array, dimension: number): number {
  let longest = 0;
  for (let start = 0; start < matrix.length; start += dimension) {
    let squares = 0;
    for (let i = start; i < start + dimension; i++) squares += (matrix[i] ?? 0) ** 2;
    longest = Math.max(longest, squares);
  }
  return Math.sqrt(longest);
}

/**
 * A warning where training has learned nothing: vectors of zeros have a loss of ln 2 for every positive and every
 * negative pair.
 */
export function divergenceWarning(embedding: Embedding): string | undefined {
  const { loss = NaN } = embedding.provenance.measures ?? {};
  const { negatives = NaN } = embedding.provenance.options ?? {};
  const untrained = (1 + negatives) * Math.LN2;
  if (!(loss > untrained)) return undefined;
  return `the loss of ${formatFigure(loss)} is above ${formatFigure(untrained)}, that of vectors of zeros; lower --learning-rate`;
}

/** A note where chance was asked and gave no answer: neighbors then have no confidence, which must not pass without a word. */
export function unmeasuredChanceNote({ chance, provenance }: Embedding): string | undefined {
  if (chance !== undefined) return undefined;
  const { epochs } = provenance.measures ?? {};
  if (epochs === undefined) {
    return (
      'neighbors will have no confidence: what chance gives is measured on a whole log without weights in one shard, ' +
      'or in shards of up to 16 million clicks together'
    );
  }
  return (
    'neighbors will have no confidence: even where nothing is shared, vectors of such a log point in one ' +
    `direction, which most often means few epochs, here ${formatCount(epochs)}, or few histories`
  );
}

/** Share of the loss that vectors may gain over those of a rewired log by chance. */
const LEAST_GAIN = 0.005;

/**
 * A warning where the nearest neighbors are no nearer, and clicks no better predicted, than in a log in which nothing
 * is shared.
 */
export function chanceWarning(embedding: Embedding): string | undefined {
  const found = confidentShare(embedding);
  if (found === undefined || !found.isChance) return undefined;
  const { share, level, asked, losses } = found;
  if (losses !== undefined && losses.own < losses.chance * (1 - LEAST_GAIN)) return undefined;
  const counted =
    `${formatShare(share)} of ${countOf(asked, 'category', 'categories')} have a neighbor of confidence ${level} ` +
    `or more, by chance ${formatShare(1 - level)} would`;
  return (
    'nothing is learnable here: the neighbors are no nearer than in a log with the same counts in which ' +
    `nothing is shared; ${counted}`
  );
}
