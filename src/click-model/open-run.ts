/** A run's memory, filled: rows, tables, layers and what category2vec's batches need, in one shared memory. */
import { createSharedMemory, layOutMemory } from '../engine/memory-layout.js';
import { log } from '../numerics/elementary.js';
import { withThousands } from '../numerics/thousands.js';
import { keptRows } from './chance.js';
import { clickRegions, openClickMemory } from './click-memory.js';
import { openCompanion, type Companion, type CompanionPlan } from './companion.js';
import { fillParameters } from './fill-parameters.js';
import { everyProduct, shapeNetwork } from './network-shape.js';
import type { ClickOptions } from './options.js';
import { placeRows, type TablePlan } from './plan-tables.js';
import type { ClickTrainingInput } from './training-input.js';

/** What is decided before there is memory. */
export interface Decided {
  readonly tables: readonly TablePlan[];
  readonly companions: readonly (CompanionPlan | undefined)[];
  readonly threads: number;
}

/** Lays out the memory and fills in everything. */
export function openRun(input: ClickTrainingInput, options: ClickOptions, { tables, companions, threads }: Decided) {
  const train = placeRows(input.train, tables);
  const validation = placeRows(input.validation, tables);
  const shape = shapeNetwork(train, tables, {
    hidden: options.hidden2 === 0 ? [options.hidden1] : [options.hidden1, options.hidden2],
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
  const regions = companions.map((companion, t) => renamed(companion?.regions ?? {}, (name) => `c2v${t}:${name}`));
  const { address, totalBytes } = layOutMemory(Object.assign({}, ...regions, clickRegions(shape, sets, room)));
  const rowCount = train.count + validation.count;
  const memory = createSharedMemory(totalBytes, `${withThousands(rowCount)} rows, the tables and what Adam keeps`);
  const opened = companions.map((plan, t): Companion | undefined => {
    if (plan === undefined) return undefined;
    const own = Object.keys(plan.regions).map((name) => [name, address[`c2v${t}:${name}`] ?? 0]);
    return openCompanion(plan, memory, Object.fromEntries(own));
  });
  const vectors = tables.map(({ isShared }, t) =>
    isShared ? (address[`c2v${t}:tables`] ?? 0) : (address[`table${t}Vectors`] ?? 0),
  );
  const click = openClickMemory(memory, address, { shape, sets, room, vectors });
  fillParameters(click, address, { shape, tables, options });
  return {
    shape,
    click,
    address,
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

function renamed(sizes: Readonly<Record<string, number>>, rename: (name: string) => string): Record<string, number> {
  return Object.fromEntries(Object.entries(sizes).map(([name, bytes]) => [rename(name), bytes]));
}
