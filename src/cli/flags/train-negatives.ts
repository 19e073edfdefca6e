/** Negatives that teach, from the command line: `--negatives-within COLUMN` and `--negatives-from FILE`. */
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import { readShownWith } from '../../duckdb/events/read-shown.js';
import { attributeNamed, type Attribute } from '../../embedding/attribute.js';
import type { Provenance } from '../../embedding/provenance.js';
import type { Histories } from '../../histories/histories.js';
import type { ShardedLog } from '../../histories/sharded-log.js';
import type { NegativesFrom, NegativesWithin } from '../../training/training-plan.js';
import type { Progress } from '../print/progress.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import type { LogFlags } from './log-flags.js';

/** The flags of negatives. */
export const negativeFlags = {
  negativesWithin: { kind: 'text', value: 'attribute', help: 'draw negatives from the same value of this attribute' },
  negativesFrom: { kind: 'file', help: 'draw negatives from what was shown but not clicked' },
  clicked: { kind: 'column', help: 'column of that file that says what was clicked' },
} as const satisfies FlagTable;

/** What the flags of negatives parse to. */
export type NegativeFlags = GivenFlags<typeof negativeFlags>;

/** Where training draws negative samples from, and what provenance says about it. */
export interface Negatives {
  readonly negativesWithin?: NegativesWithin;
  readonly negativesFrom?: NegativesFrom;
  readonly provenance: Provenance;
}

/** Checks what can be checked before the log is read. */
export function checkNegativeFlags({ negativesFrom, clicked }: NegativeFlags, { history }: LogFlags): void {
  if (negativesFrom !== undefined && history === undefined) {
    throw new InputError(
      '--negatives-from needs --history, to know who was shown what; with --columns, and with lists alone, ' +
        'every row is a history of its own',
    );
  }
  if (clicked !== undefined && negativesFrom === undefined) {
    throw new InputError(`--clicked names a column of --negatives-from, got ${JSON.stringify(clicked)} without a file`);
  }
}

/** What reading negatives is given beside the flags. */
interface NegativeSetting {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly progress: Pick<Progress, 'onKeys' | 'onNote'>;
  readonly signal: AbortSignal;
}

/**
 * Reads and numbers what the flags ask for.
 *
 * @param histories - read with their keys, where `negativesFrom` is given
 */
export async function readNegatives(
  {
    negativesWithin,
    negativesFrom,
    clicked,
    history = '',
    category = '',
    badRows,
    onBadRows,
  }: NegativeFlags & LogFlags,
  histories: Histories | ShardedLog,
  { attributes, progress, signal }: NegativeSetting,
): Promise<Negatives> {
  const { onKeys, onNote } = progress;
  const within = negativesWithin === undefined ? undefined : withinCodes(negativesWithin, attributes);
  const from =
    negativesFrom === undefined || !('offsets' in histories)
      ? undefined
      : await readShownWith(negativesFrom, histories, {
          history,
          category,
          clicked,
          badRows,
          onBadRows,
          signal,
          onKeys,
          onNote,
        });
  return {
    ...(within === undefined ? {} : { negativesWithin: within }),
    ...(from === undefined ? {} : { negativesFrom: from }),
    // Training itself says which attribute it drew within.
    provenance: negativesFrom === undefined ? {} : { negativesFrom: basename(negativesFrom) },
  };
}

/** Values of an attribute, numbered in order of appearance; −1 where missing. */
export function withinCodes(name: string, attributes: ReadonlyMap<string, Attribute>): NegativesWithin {
  if (attributes.size === 0) {
    throw new InputError(
      '--negatives-within needs attributes of the categories; join some with --attributes FILE --key COLUMN',
    );
  }
  const numbers = new Map<Attribute[number], number>();
  const codes = Int32Array.from(attributeNamed(attributes, name, '--negatives-within'), (value) => {
    if (value === null) return -1;
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  });
  return { name, codes };
}
