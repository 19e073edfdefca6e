/** predictClicks: a trained network over any number of rows, on all threads. */
import { InputError } from '../checks.js';
import { availableThreads, startWorkers } from '../engine/workers.js';
import { sigmoid } from '../numerics/elementary.js';
import { compileKernels } from '../numerics/kernels.js';
import { createSharedMemory, MemoryLayout, Regions } from '../numerics/memory-layout.js';
import { withThousands } from '../numerics/thousands.js';
import { checkRows } from './check-rows.js';
import { clickRegions, openClickMemory, writeParameters } from './click-memory.js';
import type { ClickRows } from './impressions.js';
import type { ClickNetwork } from './model.js';
import { shapeNetwork, type NetworkShape } from './network-shape.js';
import { parametersFromNetwork } from './parameters.js';

/**
 * Probability of a click for each row: 1 / (1 + exp(−(logit + logitOffset))).
 *
 * @param rows - encoded as the training rows were
 * @param threads - worker threads; 0, the default, takes one for each processor
 * @returns shape [R], in [0, 1]; the same at any thread count
 * @throws InputError for rows of other columns than the network's, and where a sum leaves the range of a float
 */
export async function predictClicks(
  network: ClickNetwork,
  rows: ClickRows,
  { threads = 0 }: { readonly threads?: number | undefined } = {},
): Promise<Float64Array> {
  const shape = shapeOf(network, rows);
  checkRows(
    'rows',
    rows,
    shape.tables.map((table) => table.rows),
  );
  const team = threads === 0 ? await availableThreads() : threads;
  const room = {
    batchSize: 1,
    threads: team,
    isHogwild: false,
    optimizer: 'adam' as const,
    isForwardOnly: true,
    anchored: [],
    borrowed: [],
  };
  const layout = new MemoryLayout(clickRegions(shape, [rows], room));
  const memory = createSharedMemory(layout.totalBytes, `${withThousands(rows.count)} rows and the tables`);
  const click = openClickMemory(new Regions(memory, layout), { shape, sets: [rows], room });
  writeParameters(click, parametersFromNetwork(shape, network));
  const workers = await startWorkers(compileKernels(), memory, team);
  try {
    const [set] = click.sets;
    await workers.callAll('clickForward', click.jobAddress, set?.address ?? 0, set?.logitsAddress ?? 0);
    return Float64Array.from(set?.logits ?? [], (logit, row) => {
      if (!Number.isNaN(logit)) return sigmoid(logit + network.logitOffset);
      throw new InputError(
        `the network must give a number for each row, got NaN in row ${row + 1}; its weights are too large`,
      );
    });
  } finally {
    await workers.stop();
  }
}

/** The shape that a network's rows must have. */
function shapeOf({ tables, layers, products }: ClickNetwork, rows: ClickRows): NetworkShape {
  const shape = shapeNetwork(
    rows,
    tables.map(({ vectors, dimension }) => ({ rows: vectors.length / dimension, dimension })),
    { hidden: layers.slice(0, -1).map(({ outputs }) => outputs), products },
  );
  if (shape.places.length !== layers[0]?.inputs) {
    throw new InputError(
      `rows must give the network ${layers[0]?.inputs} numbers each, got ${shape.places.length}; are they of the same columns?`,
    );
  }
  return shape;
}
