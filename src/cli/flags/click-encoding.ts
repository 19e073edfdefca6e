/** The flags that say how impressions are encoded, shared by `click train` and `click compare`. */
import { InputError } from '../../checks.js';
import type { EncoderOptions } from '../../click-model/encode.js';
import type { Impressions } from '../../impressions/impressions.js';
import { parseAssignment } from './click-impression-flags.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import { parseHalfLife } from './times.js';

/** The flags of encoding; `--predict-as` is for models that are kept. */
export const encodingFlags = {
  minCount: { kind: 'integer', min: 1, default: 1, help: 'rarer categories share row 0' },
  halfLife: { kind: 'text', value: 'time', help: 'age at which an entry of a history weighs half, such as 30d' },
  predictAs: { kind: 'list', value: 'column=value', help: 'read this when predicting: position=1; repeatable' },
} as const satisfies FlagTable;

/** What the flags of encoding parse to. */
export type EncodingFlags = GivenFlags<typeof encodingFlags>;

/** What the flags of encoding ask for. @throws InputError for a half-life where no list has times */
export function encoderOptions(
  { minCount, predictAs = [], halfLife }: EncodingFlags,
  { lists }: Impressions,
): EncoderOptions {
  const seconds = parseHalfLife(halfLife);
  const timed = lists.filter(({ times }) => times !== undefined);
  if (seconds !== undefined && timed.length === 0) {
    throw new InputError('--half-life needs a history with times: read it with --history-from');
  }
  return {
    minCount,
    predictedAs: new Map(predictAs.map((text) => parseAssignment('--predict-as', text, 'position=1'))),
    ...(seconds === undefined ? {} : { halfLifeSeconds: new Map(timed.map(({ name }) => [name, seconds])) }),
  };
}
