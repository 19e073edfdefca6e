/** Command-line flags from tables, with live defaults and ranges in their help, and the parsers of their values. */
import { type Command, Option } from 'commander';
import { checkChoice, checkDuration, checkInteger, checkNumber, InputError, type Range } from '../../checks.js';
import {
  checkIntegers,
  type ChoiceOption,
  type NumberOption,
  type OptionTable,
  type OptionsOf,
} from '../../option-table.js';
import type { FlagRow, FlagTable } from './flag-table.js';

/** A part of an options record: what was given on the command line. */
export type Given<Table extends OptionTable> = { -readonly [Name in keyof OptionsOf<Table>]?: OptionsOf<Table>[Name] };

/** A flag that most people use: help shows it without being asked for all. */
export class CommonFlag extends Option {}

/** The flag of an option's name: `minCount` → `--min-count`, `k` → `-k`. */
export function flagOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return words.length === 1 ? `-${words}` : `--${words}`;
}

/** What help calls the value of a flag: `<n>`. */
export function valueName(row: FlagRow): string {
  const byKind = {
    choice: 'word',
    duration: 'time',
    integer: 'n',
    integers: 'n,n',
    list: 'names',
    number: 'n',
  } as const;
  const { kind, value } = row;
  return `<${value ?? (Object.hasOwn(byKind, kind) ? byKind[kind as keyof typeof byKind] : kind)}>`;
}

/**
 * Adds one flag for every row of a table.
 *
 * @param group - heading under which help lists them
 */
export function addFlags(command: Command, table: FlagTable, group: string): void {
  for (const [name, row] of Object.entries(table)) {
    const flag = flagOf(name);
    // two groups may hold the same flag
    if (command.options.some((option) => option.attributeName() === name)) continue;
    // help never hides what a command cannot do without
    const Kind = row.isCommon === true || row.isRequired === true ? CommonFlag : Option;
    const option =
      row.kind === 'flag'
        ? row.default
          ? new Kind(`--no-${flag.slice(2)}`, `do not ${row.help}`)
          : new Kind(flag, row.help)
        : new Kind(`${flag} ${valueName(row)}`, helpOf(row));
    if (row.isHidden === true) option.hideHelp();
    if (row.kind === 'list') readList(command, option, flag);
    else if (row.kind !== 'flag') readOnce(command, option, { flag, parse: (text) => parseValue(row, text, flag) });
    command.addOption(option.helpGroup(group));
  }
}

/** The help of a flag with what it takes and what it is by default. */
function helpOf(row: FlagRow): string {
  switch (row.kind) {
    case 'integer':
    case 'number':
      return `${row.help} [${describeRange(row)}${defaultOfNumber(row)}]`;
    case 'integers':
      return `${row.help} [${describeRange(row)}default ${row.default.join(',')}]`;
    case 'choice':
      return `${row.help} [${row.choices.join(', ')}${defaultOfChoice(row)}]`;
    case 'duration':
      return `${row.help} [default ${row.default}]`;
    default:
      return row.help;
  }
}

function defaultOfNumber({ default: value, auto, defaultBy }: NumberOption): string {
  if (defaultBy !== undefined) return `default by ${defaultBy}`;
  return `default ${value === auto ? 'auto' : formatNumber(value)}`;
}

function defaultOfChoice({ default: value, defaultBy }: ChoiceOption): string {
  if (defaultBy !== undefined) return `; default by ${defaultBy}`;
  return value === undefined ? '' : `; default ${value}`;
}

function parseValue(row: FlagRow, text: string, flag: string): unknown {
  switch (row.kind) {
    case 'integer':
    case 'number':
      return parseNumber(flag, text, row);
    case 'integers':
      return checkIntegers(flag, text.split(',').map(wholeNumber), row);
    case 'choice':
      return checkChoice(flag, text, row.choices);
    case 'duration':
      checkDuration(flag, text);
      return text;
    case 'parsed':
      return row.parse(text, flag);
    default:
      return text;
  }
}

/** Reads a flag that is given once: twice the same is no contradiction. */
function readOnce(
  command: Command,
  option: Option,
  { flag, parse }: { readonly flag: string; readonly parse: (text: string) => unknown },
): void {
  let first: string | undefined;
  option.argParser((text: string) => {
    checkNotFlag(command, flag, text);
    if (first !== undefined && first !== text) {
      throw new InputError(`${flag} must be given once, got ${JSON.stringify(first)} and ${JSON.stringify(text)}`);
    }
    first = text;
    return parse(text);
  });
}

function readList(command: Command, option: Option, flag: string): void {
  option.argParser((text: string, previous: readonly string[] | undefined) => {
    checkNotFlag(command, flag, text);
    return [...(previous ?? []), text];
  });
}

/** The values of flags, with lists of names taken apart at their commas. */
export function splitNames<Flags extends object>(flags: Flags, groups: Readonly<Record<string, FlagTable>>): Flags {
  const given = new Map<string, unknown>(Object.entries(flags));
  for (const table of Object.values(groups)) {
    for (const [name, row] of Object.entries(table)) {
      const value = given.get(name);
      if (row.kind === 'list' && row.isNames === true && Array.isArray(value)) given.set(name, listOfNames(value));
    }
  }
  return Object.fromEntries(given) as Flags;
}

/** What was given of a table's options, checked; what was not given is absent. */
export function tableValues<Table extends OptionTable>(
  table: Table,
  values: Readonly<Record<string, unknown>>,
): Given<Table> {
  const given = Object.keys(table).filter((name) => values[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, values[name]])) as Given<Table>;
}

/**
 * Names from a flag that may be repeated: one use may list several with commas, several uses are names that may hold a comma.
 *
 * `--columns "country, city"` is two columns; `--columns "a,b" --columns c` is the columns `a,b` and `c`.
 */
function listOfNames(given: readonly string[]): readonly string[] {
  const [only] = given;
  return given.length === 1 && only?.includes(',') === true ? only.split(',').map((name) => name.trim()) : given;
}

/** Reads a number as people write it: decimal, with an optional exponent. */
export function parseNumber(name: string, text: string, option: Range & Pick<NumberOption, 'kind' | 'auto'>): number {
  if (option.auto !== undefined && text.trim() === 'auto') return option.auto;
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim());
  const value = isNumber ? Number(text) : text;
  return option.kind === 'integer' ? checkInteger(name, value, option) : checkNumber(name, value, option);
}

/** A whole number, or the text that is none. */
function wholeNumber(text: string): number | string {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : text;
}

/** A value that is itself a flag is a forgotten value: `--out --quiet`. */
function checkNotFlag(command: Command, name: string, text: string): void {
  if (command.options.some((option) => option.long === text)) {
    throw new InputError(`${name} must be followed by a value, got the option ${text}`);
  }
}

/** The range of a number, without bounds so high that nobody comes near them. */
function describeRange({ min, max, isMinExcluded = false }: Range): string {
  const least = min === undefined ? '' : formatNumber(min);
  const most = max === undefined || max >= 100_000 ? '' : formatNumber(max);
  if (min === undefined) return most === '' ? '' : `≤ ${most}; `;
  if (most === '') return isMinExcluded ? `> ${least}; ` : `≥ ${least}; `;
  return isMinExcluded ? `> ${least} to ${most}; ` : `${least} to ${most}; `;
}

function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 15, useGrouping: 'min2' });
}
