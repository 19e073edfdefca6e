/** Command-line flags from option tables, with live defaults and ranges, and the parsers of their values. */
import { type Command, Option } from 'commander';
import { checkChoice, checkDuration, checkInteger, checkNumber, InputError, type Range } from '../../checks.js';
import type { NumberOption, OptionTable, OptionsOf } from '../../option-table.js';

/** A part of an options record: what was given on the command line. */
export type Given<Table extends OptionTable> = { -readonly [Name in keyof OptionsOf<Table>]?: OptionsOf<Table>[Name] };

/** The flag of an option's name: `minCount` → `--min-count`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Adds one flag for every option of a table.
 *
 * @param group - heading under which help lists them
 * @param omit - names that this command does not offer
 */
export function addTableFlags(command: Command, table: OptionTable, group: string, omit: readonly string[] = []): void {
  for (const [name, option] of Object.entries(table)) {
    if (omit.includes(name)) continue;
    const flag = flagOf(name);
    switch (option.kind) {
      case 'flag':
        command.addOption(
          option.default
            ? new Option(`--no-${flag.slice(2)}`, `do not ${option.help}`).helpGroup(group)
            : new Option(flag, option.help).helpGroup(group),
        );
        break;
      case 'choice':
        addValueFlag(
          command,
          `${flag} <word>`,
          `${option.help} [${option.choices.join(', ')}; default ${option.default}]`,
          {
            group,
            parse: (text) => parseChoice(flag, text, option.choices),
          },
        );
        break;
      case 'duration':
        addValueFlag(command, `${flag} <time>`, `${option.help} [default ${option.default}]`, {
          group,
          parse: (text) => {
            checkDuration(flag, text);
            return text;
          },
        });
        break;
      case 'integer':
      case 'number':
        addNumberFlag(command, `${flag} <number>`, option, group);
    }
  }
}

/** Adds a flag of one number, such as `-k <count>`, with its range and default in the help. */
export function addNumberFlag(command: Command, flags: string, option: NumberOption, group?: string): void {
  const name = flags.split(' ')[0] ?? flags;
  addValueFlag(command, flags, `${option.help} [${describeRange(option)}default ${formatNumber(option.default)}]`, {
    ...(group === undefined ? {} : { group }),
    parse: (text) => parseNumber(name, text, option),
  });
}

/** What was given of a table's options, checked; what was not given is absent. */
export function tableValues<Table extends OptionTable>(
  table: Table,
  values: Readonly<Record<string, unknown>>,
): Given<Table> {
  const given = Object.keys(table).filter((name) => values[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, values[name]])) as Given<Table>;
}

/** How a flag with a value is read. */
export interface ValueFlag<Value> {
  readonly group?: string;
  readonly parse?: (text: string) => Value;
}

/**
 * Adds a flag that takes one value.
 *
 * @param flags - such as `-k <count>` or `--out <file>`
 * @throws InputError while parsing, if it is given twice with different values or if its value is another flag
 */
export function addValueFlag<Value = string>(
  command: Command,
  flags: string,
  help: string,
  { group, parse }: ValueFlag<Value> = {},
): void {
  const option = new Option(flags, help);
  const name = option.long ?? option.short ?? flags;
  let first: string | undefined;
  option.argParser((text: string) => {
    checkNotFlag(command, name, text);
    if (first !== undefined && first !== text) {
      throw new InputError(`${name} must be given once, got ${JSON.stringify(first)} and ${JSON.stringify(text)}`);
    }
    first = text;
    return parse === undefined ? text : parse(text);
  });
  command.addOption(group === undefined ? option : option.helpGroup(group));
}

/** Adds a flag that may be repeated; its values are gathered in a list. */
export function addListFlag(
  command: Command,
  flags: string,
  help: string,
  { group }: { readonly group?: string } = {},
): void {
  const option = new Option(flags, help);
  const name = option.long ?? flags;
  option.argParser((text: string, previous: readonly string[] | undefined) => {
    checkNotFlag(command, name, text);
    return [...(previous ?? []), text];
  });
  command.addOption(group === undefined ? option : option.helpGroup(group));
}

/**
 * Names from a flag that may be repeated: one use may list several with commas, several uses are names that may hold a comma.
 *
 * `--columns country,city` is two columns; `--columns "a,b" --columns c` is the columns `a,b` and `c`.
 */
export function listOfNames(given: readonly string[] | undefined): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const [only] = given;
  return given.length === 1 && only !== undefined ? only.split(',') : given;
}

/** Reads a number as people write it: decimal, with an optional exponent. */
export function parseNumber(
  name: string,
  text: string,
  option: Range & { readonly kind: NumberOption['kind'] },
): number {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim());
  const value = isNumber ? Number(text) : text;
  return option.kind === 'integer' ? checkInteger(name, value, option) : checkNumber(name, value, option);
}

/** Reads one of a few words. */
export function parseChoice<Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  return checkChoice(name, text, choices);
}

/** A value that is itself a flag is a forgotten value: `--out --quiet`. */
function checkNotFlag(command: Command, name: string, text: string): void {
  if (command.options.some((option) => option.long === text)) {
    throw new InputError(`${name} must be followed by a value, got the option ${text}`);
  }
}

function describeRange({ min, max, isMinExcluded = false }: Range): string {
  const least = min === undefined ? '' : formatNumber(min);
  const most = max === undefined ? '' : formatNumber(max);
  if (min === undefined) return max === undefined ? '' : `at most ${most}; `;
  if (max === undefined) return isMinExcluded ? `above ${least}; ` : `${least} or more; `;
  return isMinExcluded ? `above ${least} to ${most}; ` : `${least} to ${most}; `;
}

function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 15 });
}
