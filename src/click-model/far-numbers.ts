/** Numbers of a table far from those that a model was trained on, as in another unit: a sentence for each column. */
import type { ClickEncoder } from '../click-network/model.js';
import type { Impressions } from '../impressions/impressions.js';
import { withThousands } from '../numerics/thousands.js';

/** Standard deviations from the mean beyond which numbers are counted. */
const distances = [32, 100, 1000, 10_000] as const;
/**
 * Of no distribution do more than one in k² lie k deviations away (Chebyshev 1867): so many times that is told, as mean
 * and deviation are those of a sample.
 */
const mostTimes = 10;

/** A column of numbers far from those of training. */
export interface FarColumn {
  readonly column: string;
  /** rows that are so many standard deviations from the mean in training */
  readonly count: number;
  readonly deviations: number;
  readonly mean: number;
  /** the number that is the farthest */
  readonly value: number;
}

/** Counts them, in a table that is read at once or in pieces. */
export class FarNumbers {
  readonly #columns: readonly { readonly name: string; readonly mean: number; readonly deviation: number }[];
  /** per column and distance */
  readonly #counts: readonly number[][];
  /** a number of each column that is the farthest */
  readonly #farthest: number[];
  #rows = 0;

  constructor({ numeric }: ClickEncoder) {
    this.#columns = numeric.filter(({ predictedAs }) => predictedAs === undefined);
    this.#counts = this.#columns.map(() => distances.map(() => 0));
    this.#farthest = this.#columns.map(({ mean }) => mean);
  }

  /** Takes the rows of a table, or of one of its pieces. */
  add({ count, numeric }: Impressions): void {
    this.#rows += count;
    this.#columns.forEach(({ name, mean, deviation }, c) => {
      const values = numeric.find((column) => column.name === name)?.values ?? new Float64Array();
      const counts = this.#counts[c] ?? [];
      for (const value of values) {
        const away = Math.abs(value - mean);
        if (!(away > distances[0] * deviation)) continue;
        if (away > Math.abs((this.#farthest[c] ?? mean) - mean)) this.#farthest[c] = value;
        for (const [i, distance] of distances.entries()) {
          if (away > distance * deviation) counts[i] = (counts[i] ?? 0) + 1;
        }
      }
    });
  }

  /** The columns of which more rows so far lie that far away than any distribution would have. */
  found(): FarColumn[] {
    return this.#columns.flatMap(({ name, mean }, c): FarColumn[] => {
      const counts = this.#counts[c] ?? [];
      const at = distances.findIndex(
        (distance, i) => (counts[i] ?? 0) > (mostTimes * this.#rows) / (distance * distance),
      );
      const [deviations, count] = [distances[at] ?? 0, counts[at] ?? 0];
      return at < 0 ? [] : [{ column: name, count, deviations, mean, value: this.#farthest[c] ?? mean }];
    });
  }

  /** The same in sentences. */
  notes(): string[] {
    return this.found().map(
      ({ column, count, deviations, mean, value }) =>
        `${column} is more than ${withThousands(deviations)} standard deviations from its mean in training ` +
        `(${Number(mean.toPrecision(4))}) in ${withThousands(count)} of ${withThousands(this.#rows)} rows, such as ` +
        `${value}: such rows are predicted from it alone; check its unit`,
    );
  }
}
