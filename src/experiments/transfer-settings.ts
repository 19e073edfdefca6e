/** Which settings a comparison tries for each transfer. */
import type { ClickOptions } from '../click-network/options.js';
import { manyRows } from '../click-network/options-by-rows.js';
import type { Transfer } from './comparison.js';

/**
 * What each transfer tries on many rows, best guess first. Scratch needs a faster, smaller table there, or it would look
 * worse than it is.
 */
const settingsOfMany: Readonly<Record<Transfer, readonly ClickOptions[]>> = {
  scratch: [
    { learningRate: 0.003 },
    { learningRate: 0.003, tableRate: 0.005, initialScale: 0.1 },
    { learningRate: 0.001 },
  ],
  features: [{ learningRate: 0.003 }, { learningRate: 0.001 }, { learningRate: 0.003, dropout: 0.2 }],
  init: [{ learningRate: 0.003 }, { learningRate: 0.001 }, { learningRate: 0.003, transferRate: 0.001 }],
  hard: [{ learningRate: 0.003 }, { learningRate: 0.003, c2vBatches: 0.25 }, { learningRate: 0.001 }],
  soft: [
    { learningRate: 0.003, lambda: 1 },
    { learningRate: 0.003, lambda: 0.1 },
    { learningRate: 0.001, lambda: 1 },
  ],
};

const steady: ClickOptions = { dropout: 0.5, transferRate: 0.003 };

/**
 * The same on few rows, whose defaults are others (see `optionsForRows`). Products of small numbers are found late:
 * frozen vectors are also tried large.
 */
const settingsOfFew: Readonly<Record<Transfer, readonly ClickOptions[]>> = {
  scratch: [{}, steady, { learningRate: 0.001 }],
  features: [{}, { initialScale: 2 }, steady],
  init: [{}, steady, { learningRate: 0.001 }],
  hard: [{}, steady, { c2vBatches: 0.25 }],
  soft: [{}, steady, { lambda: 0.1 }],
};

/**
 * Settings of one transfer, best guess first; as many for each transfer.
 *
 * @param rows - training rows
 */
export function settingsOf(transfer: Transfer, rows: number): readonly ClickOptions[] {
  return (rows < manyRows ? settingsOfFew : settingsOfMany)[transfer];
}
