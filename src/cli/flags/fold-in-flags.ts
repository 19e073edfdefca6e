/** `--fold-in`: the most frequent categories that fit are trained, every other one gets a vector from its contexts. */
import { InputError } from '../../checks.js';
import type { AttributeTable } from '../../duckdb/tables/read-attributes.js';
import type { Embedding } from '../../embedding/embedding.js';
import { attributesOf, type PreparedLog } from '../../histories/prepared-log.js';
import type { TrainingOptions } from '../../training/options.js';
import { foldIn, type FoldedIn } from '../../training/fold-in.js';
import type { Call } from '../action.js';
import { countOf, formatCount, formatFigure } from '../print/text.js';
import { joinedAttributes } from './attribute-flags.js';
import type { FlagTable } from './flag-table.js';
import type { ShardFlags, TemporaryShards } from './prepared-flags.js';
import { leastCountThatFits } from '../../training/fitting-log.js';
import { fittingOptions, type TrainingLogOptions } from './training-log.js';

/** The flag. */
export const foldInFlags = {
  foldIn: { kind: 'flag', default: false, help: 'also give vectors to categories below --min-count' },
} as const satisfies FlagTable;

type FoldInCall = Pick<
  Call<ShardFlags & { readonly foldIn?: boolean | undefined }>,
  'args' | 'flags' | 'progress' | 'streams'
>;

/**
 * A log that is to be folded in: prepared, as it is read once more after training, and with a floor under which
 * training fits.
 */
export async function openForFoldIn(
  call: FoldInCall,
  {
    prepared,
    scratch,
    ...options
  }: TrainingLogOptions & { readonly prepared: PreparedLog | undefined; readonly scratch: TemporaryShards },
): Promise<{ readonly log: PreparedLog; readonly minCount: number }> {
  if (options.negativesFrom !== undefined || options.training.model === 'spectral') {
    const other =
      options.negativesFrom === undefined
        ? '--model spectral, whose axes weigh contexts unlike each other'
        : '--negatives-from, which needs all histories in memory';
    throw new InputError(`--fold-in cannot be used with ${other}; leave one of them out`);
  }
  if (call.args.includes('-'))
    throw new InputError('--fold-in reads the log again, which standard input cannot be; name a file');
  const log = prepared ?? (await scratch.make(call));
  const asked = call.flags.minCount ?? log.manifest.defaults.minCount;
  const minCount = await leastCountThatFits(log, fittingOptions(call, options));
  if (minCount > asked) {
    call.progress.note(
      `  fold-in           categories of fewer than ${formatCount(minCount)} clicks are folded in: the ` +
        'vectors of all would not fit into memory',
    );
  }
  return { log, minCount };
}

/** Gives the categories that were not trained their vectors, and says how near known ones come that way. */
export async function foldInRest(
  embedding: Embedding,
  log: PreparedLog,
  {
    call: { progress, streams },
    training,
    table,
  }: {
    readonly call: Pick<FoldInCall, 'progress' | 'streams'>;
    readonly training: TrainingOptions;
    /** joined before, which has told how many categories it knows */
    readonly table: AttributeTable | undefined;
  },
): Promise<FoldedIn> {
  const result = await foldIn(embedding, log, {
    weighting: training.weighting ?? 'history',
    seed: training.seed ?? 1,
    attributes: (vocabulary) =>
      joinedAttributes({ vocabulary, attributes: attributesOf(log.manifest, { vocabulary }) }, table),
    signal: streams.signal,
    onProgress: (share) => progress.update('folding in', { share }),
  });
  progress.end();
  const { folded, judged } = result;
  // one alone has no other to be held against
  if (folded > 0 && judged !== undefined && judged.hidden > 1 && judged.cosine <= judged.chance) {
    progress.warn(
      `the vectors folded in say nothing here: ${countOf(judged.hidden, 'known one')}, hidden, came no nearer to what ` +
        `was trained (cosine ${formatFigure(judged.cosine)}) than to another (${formatFigure(judged.chance)}); lower ` +
        '--min-count so that more are trained',
    );
  }
  if (result.left > 0) {
    progress.note(
      `  fold-in           ${countOf(result.left, 'category has', 'categories have')} no vector: no history ` +
        'shows them beside a trained one',
    );
  }
  return result;
}
