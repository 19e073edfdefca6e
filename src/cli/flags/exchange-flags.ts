/** Flags that `export` and `import` share: the format, and how keys are escaped. */
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import { exchangeFormats, type ExchangeFormat } from '../../duckdb/exchange-files.js';
import { addValueFlag, parseChoice } from './flags.js';

/** What these flags parse to. */
export interface ExchangeFlags {
  readonly format?: ExchangeFormat;
  readonly escape?: 'percent' | 'none';
}

/** Adds `--format`. */
export function addFormatFlag(command: Command): void {
  addValueFlag(command, '--format <format>', `what the file is [${exchangeFormats.join(', ')}]`, {
    parse: (text) => parseChoice('--format', text, exchangeFormats),
  });
}

/** Adds `--escape`. */
export function addEscapeFlag(command: Command, help: string): void {
  addValueFlag(
    command,
    '--escape <way>',
    `${help}: word2vec, word2vec-binary, projector [none, percent; default none]`,
    {
      parse: (text) => parseChoice('--escape', text, ['none', 'percent']),
    },
  );
}

/** @throws InputError where no format was given */
export function requireFormat({ format }: ExchangeFlags): ExchangeFormat {
  if (format !== undefined) return format;
  throw new InputError(`--format must be one of ${exchangeFormats.join(', ')}, got nothing`);
}
