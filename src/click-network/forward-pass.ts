/** The forward pass of a click network, kept open: kernels, tables and threads stay between calls. */
import { InputError } from '../checks.js';
import { availableThreads, beginWorkers, type StartingWorkers } from '../engine/workers.js';
import { sigmoid } from '../numerics/elementary.js';
import type { Kernels } from '../numerics/kernel-exports.js';
import { compileKernels, instantiateKernels } from '../numerics/kernels.js';
import { createSharedMemory, MemoryLayout, Regions } from '../numerics/memory-layout.js';
import { withThousands } from '../numerics/thousands.js';
import { checkRows } from '../impressions/check-rows.js';
import { clickRegions, openClickMemory, writeParameters, type ClickMemory } from './click-memory.js';
import type { ClickRows } from '../impressions/impressions.js';
import { distinctRows } from './distinct-rows.js';
import type { ClickNetwork } from './model.js';
import { shapeNetwork, type NetworkShape } from './network-shape.js';
import { parametersFromNetwork } from './parameters.js';
import { openRowSet } from './row-memory.js';

/** Up to so many rows the caller's own thread takes a millisecond or so; to wake others costs as much. */
export const fewRows = 256;
/** Rows of which a thread looks for categories that they share; with 1,024 and 2,048 prediction took as long. */
const rowsTogether = 512;
/** Rows and entries of lists that there is room for from the start. */
const [leastRows, leastEntries] = [256, 16_384];

/** A network that is ready to be applied, any number of times. */
export class ForwardPass {
  readonly #network: ClickNetwork;
  readonly #threads: number;
  readonly #module = compileKernels();
  #room: Room | undefined;
  #team: { readonly starting: Promise<StartingWorkers>; readonly size: number } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @param threads - worker threads, started when many rows come; 0 takes one for each processor */
  constructor(network: ClickNetwork, threads: number) {
    this.#network = network;
    this.#threads = threads;
  }

  /**
   * Probability of a click for each row: 1 / (1 + exp(−(logit + logitOffset))). Calls that overlap wait for each other.
   *
   * @param rows - encoded as the training rows were
   * @returns shape [R], in [0, 1]; the same at any thread count
   * @throws InputError for rows of other columns than the network's, where a sum leaves the range of a float, and once
   *   it is closed
   */
  async run({ count, categorical, lists, numeric, numericWidth }: ClickRows): Promise<Float64Array> {
    if (this.#isClosed) throw new InputError('the predictor is closed; open another with openPredictor');
    const unlabeled = { count, categorical, lists, numeric, numericWidth };
    const run = this.#last.then(() => this.#runAlone(unlabeled));
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Ends the threads and gives the memory back. Calls under way are finished first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    this.#room = undefined;
    const team = this.#team;
    this.#team = undefined;
    await (await team?.starting)?.stop();
  }

  async #runAlone(all: ClickRows): Promise<Float64Array> {
    const shape = shapeOf(this.#network, all);
    checkRows(
      'rows',
      all,
      shape.tables.map((table) => table.rows),
    );
    const few = all.count <= fewRows;
    const distinct = few ? undefined : distinctRows(all);
    const rows = distinct?.rows ?? all;
    const team = few ? 1 : (this.#team?.size ?? (this.#threads === 0 ? await availableThreads() : this.#threads));
    const before = this.#room;
    const room =
      before !== undefined && fits(before, rows, team)
        ? before
        : openRoom(this.#network, { shape, rows, threads: team, before });
    this.#room = room;
    const set = openRowSet(room.regions.part('set0'), shape, rows);
    const call = [room.click.jobAddress, set.address, set.logitsAddress] as const;
    room.click.job.set({ threads: team });
    if (few) this.#ownKernels(room).clickForward(...call, 0);
    else await this.#callTeam(room, team, call);
    const probabilities = probabilitiesOf(set.logits, this.#network.logitOffset, distinct?.firstOf);
    return distinct === undefined ? probabilities : atPlaces(probabilities, distinct.placeOf);
  }

  #ownKernels(room: Room): Kernels {
    room.kernels ??= instantiateKernels(this.#module, room.regions.memory);
    return room.kernels;
  }

  async #callTeam(room: Room, size: number, call: readonly number[]): Promise<void> {
    this.#team ??= { size, starting: beginWorkers(size) };
    const starting = await this.#team.starting;
    room.workers ??= starting.load(this.#module, room.regions.memory);
    await room.workers.callAll('clickForward', ...call);
  }
}

/**
 * @param rowOf - row of each logit, where not all rows have one
 * @throws InputError for a logit that is none
 */
function probabilitiesOf(logits: Float32Array, offset: number, rowOf?: Int32Array): Float64Array {
  const probabilities = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] ?? NaN;
    if (Number.isNaN(logit)) {
      throw new InputError(
        `the network must give a number for each row, got NaN in row ${(rowOf?.[i] ?? i) + 1}; its weights are too large`,
      );
    }
    probabilities[i] = sigmoid(logit + offset);
  }
  return probabilities;
}

function atPlaces(numbers: Float64Array, places: Int32Array): Float64Array {
  const spread = new Float64Array(places.length);
  for (let row = 0; row < places.length; row++) spread[row] = numbers[places[row] ?? 0] ?? 0;
  return spread;
}

/** A memory with the network in it, and room for rows. */
interface Room {
  readonly click: ClickMemory;
  readonly regions: Regions;
  /** threads that it has scratch for */
  readonly threads: number;
  /** numbers that there is room for; undefined where lists have no weights */
  readonly rows: number;
  readonly entries: readonly { readonly most: number; readonly isWeighted: boolean }[];
  kernels?: Kernels;
  workers?: ReturnType<StartingWorkers['load']>;
}

function fits({ threads, rows, entries }: Room, { count, lists }: ClickRows, team: number): boolean {
  const areListsIn = lists.every(({ ids, entryWeights }, i) => {
    const { most = 0, isWeighted } = entries[i] ?? {};
    return ids.length <= most && isWeighted === (entryWeights !== undefined);
  });
  return threads >= team && count <= rows && areListsIn;
}

interface RoomNeed {
  readonly shape: NetworkShape;
  readonly rows: ClickRows;
  readonly threads: number;
  readonly before: Room | undefined;
}

/** The first room is as large as its rows ask for; one that has become too small is followed by one with an eighth to spare. */
function openRoom(network: ClickNetwork, { shape, rows, threads, before }: RoomNeed): Room {
  const ample = (needed: number, least: number, had = 0): number =>
    Math.max(least, had, before === undefined ? needed : Math.ceil(needed * 1.125));
  const most = ample(rows.count, leastRows, before?.rows);
  const entries = rows.lists.map(({ ids, entryWeights }, i) => ({
    most: ample(ids.length, leastEntries, before?.entries[i]?.most),
    isWeighted: entryWeights !== undefined,
  }));
  const team = Math.max(threads, before?.threads ?? 1);
  const room = {
    batchSize: rowsTogether * team,
    threads: team,
    isHogwild: false,
    optimizer: 'adam' as const,
    isForwardOnly: true,
    anchored: [],
    borrowed: [],
  };
  const { categorical, lists, numericWidth } = rows;
  const whole = {
    count: most,
    categorical: categorical.map((column) => ({ ...column, ids: new Int32Array(most) })),
    numeric: new Float32Array(),
    numericWidth,
    lists: lists.map((list, i) => ({
      ...list,
      ids: new Int32Array(entries[i]?.most ?? 0),
      starts: new Uint32Array(most),
      ends: new Uint32Array(most),
      entryWeights: list.entryWeights && new Float32Array(entries[i]?.most ?? 0),
    })),
  };
  const layout = new MemoryLayout(clickRegions(shape, [whole], room));
  const memory = createSharedMemory(layout.totalBytes, `${withThousands(rows.count)} rows and the tables`);
  const regions = new Regions(memory, layout);
  const click = openClickMemory(regions, { shape, sets: [rows], room });
  writeParameters(click, parametersFromNetwork(shape, network));
  return { click, regions, threads: team, rows: most, entries };
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
