/** An options table → defaults, range checks, derived type; command help and docs read the same table. */
import {
  checkChoice,
  checkDuration,
  checkInteger,
  checkNumber,
  InputError,
  type Range,
  describeValue,
} from './checks.js';

interface OptionBase {
  /** one line for people: meaning and unit, no default and no range (those are printed from this table) */
  readonly help: string;
}

/** A number, whole or not. */
export interface NumberOption extends OptionBase, Range {
  readonly kind: 'integer' | 'number';
  readonly default: number;
}

/** One of a few words. */
export interface ChoiceOption extends OptionBase {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
}

/** On or off. */
export interface FlagOption extends OptionBase {
  readonly kind: 'flag';
  readonly default: boolean;
}

/** A length of time such as `30m`, or a bare number in the unit of the times themselves; `none` turns it off. */
export interface DurationOption extends OptionBase {
  readonly kind: 'duration';
  readonly default: string;
}

/** Name of an option → its kind, range, default and help. */
export type OptionTable = Readonly<Record<string, NumberOption | ChoiceOption | FlagOption | DurationOption>>;

/** The options record that a table describes, every field present. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends NumberOption
    ? number
    : Table[Name] extends FlagOption
      ? boolean
      : Table[Name] extends ChoiceOption
        ? Table[Name]['choices'][number]
        : Table[Name] extends DurationOption
          ? string | number
          : never;
};

/**
 * Fills in defaults and checks every given option against its table.
 *
 * @param table - name → kind, range, default, help
 * @param given - a part of the options; undefined counts as not given
 * @returns all options of the table
 * @throws InputError for an unknown name, a wrong type or a value out of range
 */
export function resolveOptions<Table extends OptionTable>(
  table: Table,
  given: { readonly [Name in keyof OptionsOf<Table>]?: OptionsOf<Table>[Name] | undefined },
): OptionsOf<Table> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(table, name)) {
      throw new InputError(`${name} is not an option; the options are ${Object.keys(table).join(', ')}`);
    }
  }
  const values = new Map<string, unknown>(Object.entries(given));
  const resolved = Object.entries(table).map(([name, option]) => [name, checkOption(name, option, values.get(name))]);
  return Object.fromEntries(resolved) as OptionsOf<Table>;
}

function checkOption(name: string, option: OptionTable[string], value: unknown): unknown {
  if (value === undefined) return option.default;
  switch (option.kind) {
    case 'integer':
      return checkInteger(name, value, option);
    case 'number':
      return checkNumber(name, value, option);
    case 'choice':
      return checkChoice(name, value, option.choices);
    case 'duration':
      checkDuration(name, value);
      return value;
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw new InputError(`${name} must be true or false, got ${describeValue(value)}`);
  }
}
