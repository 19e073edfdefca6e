/** The flags that say how impressions are encoded, shared by `click train` and `click compare`. */
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import type { EncoderOptions } from '../../click-model/encode.js';
import type { Impressions } from '../../click-model/impressions.js';
import { parseAssignment } from './click-impression-flags.js';
import { addNumberFlag, addValueFlag } from './flags.js';
import { parseHalfLife } from './times.js';

/** What the flags of encoding parse to. */
export interface EncodingFlags {
  readonly minCount?: number;
  readonly predictAs?: readonly string[];
  readonly halfLife?: string;
}

/** Adds the flags of encoding, but for `--predict-as`, which is for models that are kept. */
export function addEncodingFlags(command: Command): void {
  const group = 'Encoding';
  addNumberFlag(
    command,
    '--min-count <number>',
    { kind: 'integer', min: 1, default: 1, help: 'categories that training rows hold fewer times share row 0' },
    group,
  );
  addValueFlag(command, '--half-life <time>', 'age at which an entry of a history weighs half, such as 30d', { group });
}

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
