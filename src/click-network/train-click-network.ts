/** trainClickNetwork: plan, run epochs on worker threads, keep the best. Progress and abort stand at the ends of short calls. */
import { availableThreads, startWorkers } from '../engine/workers.js';
import { compileKernels, instantiateKernels } from '../numerics/kernels.js';
import { checkRows } from '../impressions/check-rows.js';
import { checkBothClasses } from './click-metrics.js';
import { planCompanion, type CompanionPlan } from './companion.js';
import { openRun } from './open-run.js';
import { clickOptions, type ClickOptions, type ResolvedClickOptions } from './options.js';
import { optionsForRows } from './options-by-rows.js';
import { networkFromParameters } from './parameters.js';
import { planTables, type TablePlan } from './plan-tables.js';
import { runClickEpochs } from './run-click-epochs.js';
import {
  clickHooks,
  type ClickTrainingHooks,
  type ClickTrainingInput,
  type ClickTrainingResult,
} from './training-input.js';
import { checkCall, inputsKind, tableKind } from '../step.js';

const inputKind = inputsKind<ClickTrainingInput>('an object such as { train, validation, tableSizes }', {
  train: true,
  validation: true,
  tableSizes: true,
  ownNumbers: true,
  transfers: true,
});

/**
 * Learns to predict clicks: embedding tables, pooled lists, products and numbers through ReLU layers to a logit, under log loss.
 *
 * docs/click-model.md has the mathematics. The same rows, options and seed give the same bits at any thread count,
 * unless `hogwild`.
 *
 * @param options - see `clickOptions` for meaning, range and default of each
 * @throws InputError for an option out of range, labels of one kind, a transfer without its embedding, numbers that do
 *   not stay finite
 */
export async function trainClickNetwork(
  input: ClickTrainingInput,
  options: ClickOptions = {},
  hooks: ClickTrainingHooks = {},
): Promise<ClickTrainingResult> {
  checkCall('trainClickNetwork({ train, validation, tableSizes, transfers }, options, hooks)', {
    input: [input, inputKind],
    options: [options, tableKind(clickOptions)],
    hooks: [hooks, clickHooks],
  });
  hooks.signal?.throwIfAborted();
  const resolved = optionsForRows(options, input.train.count);
  const threads = resolved.threads === 0 ? await availableThreads() : resolved.threads;
  checkBothClasses(input.train.labels ?? []);
  checkBothClasses(input.validation.labels ?? [], 'validation part');
  const module = compileKernels();
  checkRows('train', input.train, input.tableSizes);
  checkRows('validation', input.validation, input.tableSizes);
  const tables = planTables(input, resolved);
  const companions = planCompanions(tables, resolved, threads, module);
  const run = openRun(input, resolved, { tables, companions, threads });
  const workers = await startWorkers(module, run.click.regions.memory, threads);
  try {
    const { epochs, bestEpoch, logLoss, rows } = await runClickEpochs({ ...run, workers, hooks });
    const { shape, click } = run;
    const scales = click.tables.map((table) => table.get('scale'));
    const network = networkFromParameters(shape, { ...click.parameters, scales }, run.logitOffset);
    return {
      network: { ...network, tables: network.tables.map((table, t) => takeRows(table, tables[t])) },
      epochs,
      bestEpoch,
      validation: { logLoss },
      rows,
      embeddings: (input.transfers ?? []).map(({ table }) => run.companions[table]?.collect()),
    };
  } finally {
    await workers.stop();
  }
}

/** One for each table that has histories to continue on. */
function planCompanions(
  tables: readonly TablePlan[],
  options: ResolvedClickOptions,
  threads: number,
  module: WebAssembly.Module,
): (CompanionPlan | undefined)[] {
  const isMultitask = options.transfer === 'hard' || options.transfer === 'soft';
  const kernels = instantiateKernels(module, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
  return tables.map(({ transfer, isShared, extraRows }) => {
    if (!isMultitask || transfer?.histories === undefined) return undefined;
    if (!isShared && options.c2vBatches === 0) return undefined;
    const { histories } = transfer;
    return planCompanion({ ...transfer, histories }, options, kernels, { threads, extraRows });
  });
}

/** A table's rows in table order, from where they stand in memory. */
function takeRows(
  table: { readonly dimension: number; readonly vectors: Float32Array },
  plan: TablePlan | undefined,
): { readonly dimension: number; readonly vectors: Float32Array } {
  const placeOf = plan?.placeOf;
  if (placeOf === undefined) return table;
  const { dimension } = table;
  const vectors = new Float32Array(placeOf.length * dimension);
  placeOf.forEach((place, row) => {
    vectors.set(table.vectors.subarray(place * dimension, (place + 1) * dimension), row * dimension);
  });
  return { dimension, vectors };
}
