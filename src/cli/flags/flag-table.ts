/** What a table of a command's flags may hold, and the type of what is given on a command line. */
import type { OptionRow, OptionValue } from '../../option-table.js';

/** A flag whose value is read by a function of its own. */
export interface ParsedRow {
  readonly kind: 'parsed';
  /** one line for people, with the default where there is one */
  readonly help: string;
  /** what help calls its value */
  readonly value: string;
  readonly isCommon?: boolean;
  /** @throws InputError that names the flag */
  readonly parse: (text: string, flag: string) => unknown;
}

/** A flag: an option as the library's tables have them, or one with its own reader. */
export type FlagRow = (OptionRow | ParsedRow) & {
  /** the command does nothing without it */
  readonly isRequired?: boolean;
  /** an old spelling: it works, and help does not show it */
  readonly isHidden?: boolean;
};

/** Name of a flag in camel case → its row. */
export type FlagTable = Readonly<Record<string, FlagRow>>;

/** Heading in help → the flags below it. */
export type FlagGroups = Readonly<Record<string, FlagTable>>;

type FlagValue<Row> = Row extends { readonly parse: (...given: never[]) => infer Value } ? Value : OptionValue<Row>;

type Intersection<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never;

/** What was given on a command line of a table's flags; what is required is there. */
export type GivenFlags<Table> = {
  readonly [Name in keyof Table as Table[Name] extends { readonly isRequired: true } ? never : Name]?:
    FlagValue<Table[Name]> | undefined;
} & {
  readonly [Name in keyof Table as Table[Name] extends { readonly isRequired: true } ? Name : never]: FlagValue<
    Table[Name]
  >;
};

/** What was given of all groups. */
export type FlagsOf<Groups> = GivenFlags<Intersection<Groups[keyof Groups]>>;

/** A table without some of its rows. */
export function withoutFlags<Table extends FlagTable, Name extends keyof Table>(
  table: Table,
  ...names: readonly Name[]
): Omit<Table, Name> {
  const omitted = new Set<PropertyKey>(names);
  return Object.fromEntries(Object.entries(table).filter(([name]) => !omitted.has(name))) as Omit<Table, Name>;
}
