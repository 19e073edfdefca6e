/** The epochs of a click network: batches on all threads, between them category2vec's, the validation rows at the end of each. */
import { InputError, named, sentence } from '../checks.js';
import type { Workers } from '../engine/workers.js';
import { softplus } from '../numerics/elementary.js';
import { orderKeys, unknownPlaces } from './chance.js';
import { refreshAnchors, settleAnchors } from './anchors.js';
import { AveragedNumbers, looksPerEpoch, rememberNumbers } from './averaged-numbers.js';
import { movedRows } from './moved-rows.js';
import type { ClickRows } from '../impressions/impressions.js';
import type { ClickRun } from './open-run.js';
import type { ClickTrainingHooks } from './training-input.js';

/** Multiplications between two looks at the abort signal, about a tenth of a second on one thread. */
const WORK_BETWEEN = 1e9;
/**
 * Click batches that follow each other where category2vec's stand between them. Part of the algorithm: it does not
 * depend on threads.
 */
const BATCHES_TOGETHER = 8;

/** A run with its threads. */
export interface RunningClick extends ClickRun {
  readonly workers: Workers;
  readonly hooks: ClickTrainingHooks;
}

/**
 * Trains until the validation loss has not fallen for `patience` epochs, and goes back to the best one.
 *
 * @throws InputError if numbers do not stay finite; the signal's reason when it is raised
 */
export async function runClickEpochs(run: RunningClick) {
  const { options, click } = run;
  let best = { epoch: 0, logLoss: Infinity, restore: (): void => undefined };
  const moved = movedRows(run);
  const mean = options.isAveraged ? new AveragedNumbers(click, moved) : undefined;
  let epochs = 0;
  let rows = 0;
  for (let epoch = 0; epoch < options.epochs && epoch - best.epoch < options.patience; epoch++) {
    freezeStarts(run, epoch < options.freezeEpochs);
    if (epoch > 0) refreshAnchors(run);
    // oxlint-disable-next-line no-await-in-loop -- epochs follow each other
    rows += await runEpoch(run, { epoch, rowsBefore: rows, mean });
    settleAnchors(run);
    const exchangeBack = mean?.exchange();
    // oxlint-disable-next-line no-await-in-loop -- as above
    const logLoss = await validationLoss(run);
    if (!Number.isFinite(logLoss)) throw divergence(run);
    epochs = epoch + 1;
    if (logLoss < best.logLoss) best = { epoch: epochs, logLoss, restore: rememberNumbers(click, moved) };
    exchangeBack?.();
    const loss = click.job.get('loss') / click.job.get('lossWeight');
    run.hooks.onProgress?.({
      stage: 'training',
      share: epochs / options.epochs,
      epoch: epochs,
      epochs: options.epochs,
      rows,
      loss,
      validationLoss: logLoss,
    });
  }
  best.restore();
  return { epochs, bestEpoch: best.epoch, logLoss: best.logLoss, rows };
}

interface Epoch {
  readonly epoch: number;
  readonly rowsBefore: number;
  readonly mean: AveragedNumbers | undefined;
}

/** @returns rows gone through */
async function runEpoch(run: RunningClick, { epoch, rowsBefore, mean }: Epoch): Promise<number> {
  const { click, options, workers, hooks, companions, shape } = run;
  const { job } = click;
  const isCompanied = companions.some((companion) => companion !== undefined);
  const unknown = readAsUnknown(run, epoch);
  const workOfRow =
    [shape.width, ...shape.hidden].reduce((sum, width, l, all) => sum + width * (all[l + 1] ?? 1), 0) * 3;
  const most = Math.max(1, Math.floor(WORK_BETWEEN / (workOfRow * options.batchSize)));
  const together = isCompanied ? BATCHES_TOGETHER : Math.min(256, most);
  job.set({ visit: 0, loss: 0, lossWeight: 0, ...orderKeys(options.seed, epoch) });
  const count = job.get('orderCount');
  const betweenLooks = mean === undefined ? Infinity : Math.ceil(count / options.batchSize / looksPerEpoch);
  const firstStep = job.get('step');
  while (job.get('visit') < count) {
    const before = job.get('step');
    const toLook = betweenLooks - ((before - firstStep) % betweenLooks);
    job.set({ batches: Math.min(together, toLook) });
    // oxlint-disable-next-line no-await-in-loop -- chunks follow each other
    await workers.callAll('clickChunk', click.jobAddress);
    const loss = job.get('loss') / job.get('lossWeight');
    if (!Number.isFinite(loss)) throw divergence(run);
    for (const companion of companions) {
      // oxlint-disable-next-line no-await-in-loop -- one team does both
      await companion?.follow(job.get('step') - before, workers);
    }
    if (job.get('step') - before === toLook) mean?.look();
    hooks.signal?.throwIfAborted();
    const visit = job.get('visit');
    if (visit < count) {
      hooks.onProgress?.({
        stage: 'training',
        share: (epoch + visit / count) / options.epochs,
        epoch: epoch + 1,
        epochs: options.epochs,
        rows: rowsBefore + visit,
        loss,
      });
    }
  }
  unknown.restore();
  return count;
}

/** Writes the unknown category over some ids of the training rows, for one epoch. */
function readAsUnknown({ click, train, shape, tables, options }: RunningClick, epoch: number) {
  const columns = click.sets[0]?.columns ?? [];
  const changed = columns.map(({ ids, first, step, count }, c) => {
    const places = [...unknownPlaces(count, options.unknownShare, { seed: options.seed, epoch, column: c })];
    const unknown = tables[shape.columns[c]?.table ?? 0]?.placeOf?.[0] ?? 0;
    for (const place of places) ids[first + place * step] = unknown;
    return places;
  });
  const originals = [...train.categorical, ...train.lists];
  return {
    restore: (): void =>
      columns.forEach(({ ids, first, step }, c) => {
        for (const place of changed[c] ?? []) ids[first + place * step] = originals[c]?.ids[place] ?? 0;
      }),
  };
}

async function validationLoss({ click, workers, validation, logitOffset }: RunningClick): Promise<number> {
  const set = click.sets[1];
  await workers.callAll('clickForward', click.jobAddress, set?.address ?? 0, set?.logitsAddress ?? 0);
  return meanLoss(validation, set?.logits ?? new Float32Array(0), logitOffset);
}

/** Σ weight × log loss / Σ weight. */
function meanLoss({ labels, weights }: ClickRows, logits: Float32Array, offset: number): number {
  let loss = 0;
  let total = 0;
  logits.forEach((logit, row) => {
    const x = logit + offset;
    const weight = weights?.[row] ?? 1;
    loss += weight * (softplus(x) - (labels?.[row] ?? 0) * x);
    total += weight;
  });
  return loss / total;
}

function freezeStarts({ click, tables }: RunningClick, isFrozen: boolean): void {
  tables.forEach((table, t) => {
    if (table.start === undefined || table.isFrozen) return;
    click.tables[t]?.set({ isFrozen: isFrozen ? 1 : 0 });
  });
}

function divergence({ options: { learningRate, tableRate } }: RunningClick): InputError {
  return new InputError(
    sentence`training did not stay finite; start with a ${named('learningRate')} below ${learningRate} or a tableRate
      below ${tableRate}, or look for huge numbers`,
  );
}
