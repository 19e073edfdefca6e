/** A run's memory, filled: rows, tables, layers and what category2vec's batches need, in one shared memory. */
import { log } from '../numerics/elementary.js';
import { createSharedMemory, MemoryLayout, partSizes, Regions } from '../numerics/memory-layout.js';
import { withThousands } from '../numerics/thousands.js';
import { keptRows } from './chance.js';
import { clickRegions, openClickMemory } from './click-memory.js';
import { openCompanion, type Companion, type CompanionPlan } from './companion.js';
import { fillParameters } from './fill-parameters.js';
import { everyProduct, shapeNetwork } from './network-shape.js';
import type { RunOptions } from './options-by-rows.js';
import { placeRows, type TablePlan } from './plan-tables.js';
import type { ClickTrainingInput } from './training-input.js';

/** What is decided before there is memory. */
export interface Decided {
  readonly tables: readonly TablePlan[];
  readonly companions: readonly (CompanionPlan | undefined)[];
  readonly threads: number;
}

/** Lays out the memory and fills in everything. */
export function openRun(input: ClickTrainingInput, options: RunOptions, { tables, companions, threads }: Decided) {
  const train = placeRows(input.train, tables);
  const validation = placeRows(input.validation, tables);
  const shape = shapeNetwork(train, tables, {
    hidden: options.hidden,
    products: options.product ? everyProduct(train) : [],
  });
  const order = keptRows(train.labels ?? new Uint8Array(0), options.negativeSampling, options.seed);
  const room = {
    batchSize: options.batchSize,
    threads,
    isHogwild: options.hogwild,
    optimizer: options.tableOptimizer,
    isForwardOnly: false,
    anchored: tables.map(({ isAnchored }) => isAnchored),
    borrowed: tables.map(({ isShared }) => isShared),
    order,
  };
  const sets = [train, validation];
  const sizes = companions.map((companion, t) => partSizes(companionName(t), companion?.regions ?? {}));
  const layout = new MemoryLayout(Object.assign({}, ...sizes, clickRegions(shape, sets, room)));
  const rowCount = train.count + validation.count;
  const arithmetic = `${withThousands(rowCount)} rows, the tables and what Adam keeps`;
  const regions = new Regions(createSharedMemory(layout.totalBytes, arithmetic), layout);
  const opened = companions.map((plan, t): Companion | undefined =>
    plan === undefined ? undefined : openCompanion(plan, regions.part(companionName(t))),
  );
  const vectors = tables.map(({ isShared }, t) =>
    isShared ? regions.part(companionName(t)).address('tables') : undefined,
  );
  const click = openClickMemory(regions, { shape, sets, room, vectors });
  fillParameters(click, { shape, tables, options });
  return {
    shape,
    click,
    tables,
    companions: opened,
    options,
    train,
    validation,
    logitOffset: options.negativeSampling === 1 ? 0 : log(options.negativeSampling),
  };
}

/** Everything that a run's epochs need. */
export type ClickRun = ReturnType<typeof openRun>;

/** Part of the memory in which the embedding of a table is trained. */
function companionName(table: number): string {
  return `c2v${table}`;
}
