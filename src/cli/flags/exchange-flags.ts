/** Flags that `export` and `import` share: the format, and how keys are escaped. */
import { InputError } from '../../checks.js';
import {
  endingsOf,
  exchangeFormats,
  formatOfPath,
  formatsWith,
  type ExchangeFormat,
} from '../../duckdb/tables/exchange-files.js';
import { unknownKey } from '../../formats/unknown-row.js';
import type { FlagTable } from './flag-table.js';

/** The flags, but for what each of the two says of the unknown category. */
export const exchangeFlags = {
  format: {
    kind: 'choice',
    choices: exchangeFormats,
    value: 'format',
    help: 'file format; by default that of its ending',
  },
  unknownKey: { kind: 'text', value: 'key', help: `key of that row [${unknownKey}]` },
} as const satisfies FlagTable;

/** `--escape`, with what it does here. */
export function escapeFlag(help: string) {
  return {
    kind: 'choice',
    choices: ['none', 'percent'],
    default: 'none',
    value: 'way',
    help: `${help}: ${formatsWith('escape').join(', ')}`,
  } as const;
}

/**
 * The format that is asked for, or that the ending of a file says.
 *
 * @param flag - what names the file, for the error
 * @throws InputError where neither says it
 */
export function formatFor(format: ExchangeFormat | undefined, path: string, flag: string): ExchangeFormat {
  const found = format ?? formatOfPath(path);
  if (found !== undefined) return found;
  const endings = exchangeFormats.map((name) => `${name} (${endingsOf(name).join(', ')})`);
  throw new InputError(
    `--format must be one of ${endings.join(', ')}, got nothing, and the ending of ${flag} ${JSON.stringify(path)} does not tell`,
  );
}
