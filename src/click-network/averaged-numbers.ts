/** The mean of the numbers that a network passes in training: its noise of single steps falls out. */
import { writeParameters, type ClickMemory } from './click-memory.js';

/** How many times an epoch is looked at. */
export const looksPerEpoch = 16;
/** Looks that the mean reaches back, those of two epochs. */
const looksInMean = 32;

/** What a network's numbers are at one time. */
interface Numbers {
  readonly arrays: readonly Float32Array[];
  readonly scales: readonly number[];
}

/**
 * Exponential mean of all numbers over the last looks; of all looks where they are fewer: mean ← mean + (numbers −
 * mean) / min(n, 32).
 *
 * Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging", with a window.
 */
export class AveragedNumbers {
  readonly #click: ClickMemory;
  #mean: Numbers | undefined;
  #looks = 0;

  constructor(click: ClickMemory) {
    this.#click = click;
  }

  /** Takes the numbers as they stand into the mean. */
  look(): void {
    const now = numbersOf(this.#click);
    this.#looks++;
    const mean = this.#mean;
    if (mean === undefined) {
      this.#mean = copyOf(now);
      return;
    }
    const share = 1 / Math.min(this.#looks, looksInMean);
    mean.arrays.forEach((own, a) => {
      const from = now.arrays[a] ?? own;
      for (let i = 0; i < own.length; i++) own[i] = (own[i] ?? 0) + share * ((from[i] ?? 0) - (own[i] ?? 0));
    });
    const scales = mean.scales.map((own, t) => own + share * ((now.scales[t] ?? own) - own));
    this.#mean = { ...mean, scales };
  }

  /** Writes the mean over the numbers. @returns what writes back those that it stood for */
  exchange(): () => void {
    if (this.#mean === undefined) return () => undefined;
    const kept = copyOf(numbersOf(this.#click));
    writeNumbers(this.#click, this.#mean);
    return () => writeNumbers(this.#click, kept);
  }
}

/** All numbers of a network in its memory, by reference. */
function numbersOf({ parameters, tables }: ClickMemory): Numbers {
  return {
    arrays: [...parameters.tables, ...parameters.layers.flatMap(({ weights, biases }) => [weights, biases])],
    scales: tables.map((table) => table.get('scale')),
  };
}

function copyOf({ arrays, scales }: Numbers): Numbers {
  return { arrays: arrays.map((array) => array.slice()), scales };
}

function writeNumbers(click: ClickMemory, { arrays, scales }: Numbers): void {
  numbersOf(click).arrays.forEach((array, i) => array.set(arrays[i] ?? array));
  // the layers once more, into the panels that the kernels read
  writeParameters(click, { ...click.parameters, scales: [...scales] });
}

/** Copies the numbers of a network. @returns what writes them back */
export function rememberNumbers(click: ClickMemory): () => void {
  const kept = copyOf(numbersOf(click));
  return () => writeNumbers(click, kept);
}
