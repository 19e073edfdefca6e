/** The mean of the numbers that a network passes in training: its noise of single steps falls out. */
import { writeParameters, type ClickMemory } from './click-memory.js';
import type { MovedRows } from './moved-rows.js';

/** How many times an epoch is looked at. */
export const looksPerEpoch = 16;
/** Looks that the mean reaches back, those of two epochs. */
const looksInMean = 32;

/** What training moves of a network, at one time: rows of the tables, then weights and biases of each layer. */
interface Numbers {
  readonly arrays: readonly Float32Array[];
  readonly scales: readonly number[];
}

/**
 * Exponential mean of all numbers over the last looks; of all looks where they are fewer: mean ← mean + (numbers −
 * mean) / min(n, 32). Rows that training cannot move are their own mean, and take no memory.
 *
 * Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging", with a window.
 */
export class AveragedNumbers {
  readonly #click: ClickMemory;
  readonly #moved: MovedRows;
  #mean: Numbers | undefined;
  #looks = 0;

  constructor(click: ClickMemory, moved: MovedRows) {
    this.#click = click;
    this.#moved = moved;
  }

  /** Takes the numbers as they stand into the mean. */
  look(): void {
    this.#looks++;
    const mean = this.#mean;
    if (mean === undefined) {
      this.#mean = copyNumbers(this.#click, this.#moved);
      return;
    }
    const share = 1 / Math.min(this.#looks, looksInMean);
    const tables = this.#moved.length;
    const { arrays, scales } = numbersOf(this.#click);
    mean.arrays.forEach((own, a) => {
      const from = arrays[a] ?? own;
      const mix = (at: number, source: number): void => {
        own[at] = (own[at] ?? 0) + share * ((from[source] ?? 0) - (own[at] ?? 0));
      };
      if (a < tables) eachMoved(this.#moved[a], mix);
      else for (let i = 0; i < own.length; i++) mix(i, i);
    });
    this.#mean = { ...mean, scales: mean.scales.map((own, t) => own + share * ((scales[t] ?? own) - own)) };
  }

  /** Writes the mean over the numbers. @returns what writes back those that it stood for */
  exchange(): () => void {
    if (this.#mean === undefined) return () => undefined;
    const back = rememberNumbers(this.#click, this.#moved);
    writeNumbers(this.#click, this.#moved, this.#mean);
    return back;
  }
}

/** Copies what training moves of a network. @returns what writes it back */
export function rememberNumbers(click: ClickMemory, moved: MovedRows): () => void {
  const kept = copyNumbers(click, moved);
  return () => writeNumbers(click, moved, kept);
}

/** All numbers of a network in its memory, by reference. */
function numbersOf({ parameters, tables }: ClickMemory): Numbers {
  return {
    arrays: [...parameters.tables, ...parameters.layers.flatMap(({ weights, biases }) => [weights, biases])],
    scales: tables.map((table) => table.get('scale')),
  };
}

function copyNumbers(click: ClickMemory, moved: MovedRows): Numbers {
  const { arrays, scales } = numbersOf(click);
  return {
    arrays: arrays.map((array, a) => {
      const table = moved[a];
      if (table === undefined) return array.slice();
      const kept = new Float32Array(table.rows.length * table.stride);
      eachMoved(table, (at, source) => (kept[at] = array[source] ?? 0));
      return kept;
    }),
    scales,
  };
}

function writeNumbers(click: ClickMemory, moved: MovedRows, { arrays, scales }: Numbers): void {
  numbersOf(click).arrays.forEach((array, a) => {
    const kept = arrays[a] ?? array;
    const table = moved[a];
    if (table === undefined) array.set(kept);
    else eachMoved(table, (at, source) => (array[source] = kept[at] ?? 0));
  });
  // the layers once more, into the panels that the kernels read
  writeParameters(click, { ...click.parameters, scales: [...scales] });
}

/** Every number of the moved rows of a table: where it stands among those, and where in the table. */
function eachMoved(table: MovedRows[number] | undefined, see: (at: number, source: number) => void): void {
  const { rows, stride } = table ?? { rows: [], stride: 0 };
  for (let r = 0; r < rows.length; r++) {
    const source = (rows[r] ?? 0) * stride;
    for (let d = 0; d < stride; d++) see(r * stride + d, source + d);
  }
}
