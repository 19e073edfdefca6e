/** An options table → defaults, range checks, derived type; command help and docs read the same table. */
import {
  checkChoice,
  checkDuration,
  checkInteger,
  checkNumber,
  InputError,
  named,
  sentence,
  type Range,
  describeValue,
} from './checks.js';
import { spellingHint } from './closest-spellings.js';

interface OptionBase {
  /** one line for people: meaning and unit, no default and no range (those are printed from this table) */
  readonly help: string;
  /** one of the few that most people use: help shows it without being asked for all */
  readonly isCommon?: boolean;
  /** what help calls its value, such as `count`; default by the kind */
  readonly value?: string;
  /** what decides where nothing is given, such as `--goal` or the rows; the row's default is then what the table alone knows */
  readonly defaultBy?: string;
}

/** A number, whole or not. */
export interface NumberOption extends OptionBase, Range {
  readonly kind: 'integer' | 'number';
  readonly default: number;
  /** the number that leaves the choice to the program, written `auto` on a command line */
  readonly auto?: number;
}

/** One of a few words. */
export interface ChoiceOption extends OptionBase {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
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

/** A few whole numbers, such as the sizes of layers. */
export interface NumbersOption extends OptionBase {
  readonly kind: 'integers';
  /** of each */
  readonly min: number;
  readonly max: number;
  /** how many at most; at least one */
  readonly most: number;
  readonly default: readonly number[];
}

/** Text without a default: any, the path of a file, or the name of a column or attribute. */
export interface TextOption extends OptionBase {
  readonly kind: 'text' | 'file' | 'column';
}

/** Several texts, none by default. */
export interface ListOption extends OptionBase {
  readonly kind: 'list';
  /** each is a name, so that a command line may give several with commas */
  readonly isNames?: boolean;
}

/** One option: its kind, range, default and help. */
export type OptionRow =
  NumberOption | NumbersOption | ChoiceOption | FlagOption | DurationOption | TextOption | ListOption;

/** Name of an option → its row. */
export type OptionTable = Readonly<Record<string, OptionRow>>;

/** The value that a row describes. */
export type OptionValue<Row> = Row extends NumberOption
  ? number
  : Row extends NumbersOption
    ? readonly number[]
    : Row extends FlagOption
      ? boolean
      : Row extends ChoiceOption
        ? Row['choices'][number]
        : Row extends DurationOption
          ? string | number
          : Row extends ListOption
            ? readonly string[]
            : Row extends TextOption
              ? string
              : never;

/** The options record that a table describes, every field present; what has no default may be undefined. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly default: unknown }
    ? OptionValue<Table[Name]>
    : OptionValue<Table[Name]> | undefined;
};

/** The row that may describe an option of some type. */
type RowOf<Value> = [Value] extends [boolean]
  ? FlagOption
  : [Value] extends [number]
    ? NumberOption
    : [Value] extends [readonly number[]]
      ? NumbersOption
      : [Value] extends [readonly string[]]
        ? ListOption
        : [number] extends [Value]
          ? DurationOption
          : [string] extends [Value]
            ? TextOption
            : ChoiceOption & { readonly choices: readonly Value[] };

/** The table of an interface of options: `as const satisfies TableOf<Options>` keeps their names and types equal. */
export type TableOf<Options> = { readonly [Name in keyof Options]-?: RowOf<Exclude<Options[Name], undefined>> };

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
      const names = Object.keys(table);
      throw new InputError(`${name} is not an option; the options are ${names.join(', ')}${spellingHint(name, names)}`);
    }
  }
  const values = new Map<string, unknown>(Object.entries(given));
  const resolved = Object.entries(table).map(([name, option]) => [name, checkOption(name, option, values.get(name))]);
  return Object.fromEntries(resolved) as OptionsOf<Table>;
}

function checkOption(name: string, option: OptionRow, value: unknown): unknown {
  if (value === undefined) return 'default' in option ? option.default : undefined;
  switch (option.kind) {
    case 'integer':
      return checkInteger(name, value, option);
    case 'number':
      return checkNumber(name, value, option);
    case 'integers':
      return checkIntegers(name, value, option);
    case 'choice':
      return checkChoice(name, value, option.choices);
    case 'duration':
      checkDuration(name, value);
      return value;
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw new InputError(sentence`${named(name)} must be true or false, got ${describeValue(value)}`);
    case 'list':
      if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
      throw new InputError(sentence`${named(name)} must be a list of texts, got ${describeValue(value)}`);
    case 'text':
    case 'file':
    case 'column':
      if (typeof value === 'string') return value;
      throw new InputError(sentence`${named(name)} must be text, got ${describeValue(value)}`);
  }
}

/**
 * Checks a list of whole numbers.
 *
 * @throws InputError such as `hidden must be 1 to 2 whole numbers from 1 to 4096, such as 128,64, got 128`
 */
export function checkIntegers(name: string, value: unknown, option: NumbersOption): readonly number[] {
  const { min, max, most, default: example } = option;
  const isOne = (each: unknown): each is number =>
    Number.isSafeInteger(each) && Number(each) >= min && Number(each) <= max;
  if (Array.isArray(value) && value.length >= 1 && value.length <= most && value.every(isOne)) return value;
  const got = Array.isArray(value) ? JSON.stringify(value) : describeValue(value);
  throw new InputError(
    sentence`${named(name)} must be 1 to ${most} whole numbers from ${min} to ${max}, such as ${example.join(',')}, got ${got}`,
  );
}
