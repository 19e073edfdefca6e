/** A command as data: arguments, flags, examples and what it does; the rest follows from these. */
import { setAction, type Call } from './action.js';
import type { DefineCommand, Result } from './command.js';
import type { FlagGroups, FlagsOf } from './flags/flag-table.js';
import { addFlags, splitNames } from './flags/flags.js';
import { checkGiven } from './flags/missing.js';

/** A word of a command line that is no flag. */
export interface Argument {
  /** as help shows it: `embedding`, or `logs...` for several */
  readonly name: string;
  readonly help: string;
  /** whether the command can do without it; default false */
  readonly isOptional?: boolean;
}

/** What is known of a command line before anything is done. */
export type Asked<Flags> = Pick<Call<Flags>, 'args' | 'flags'>;

/** Everything about one command. */
export interface CommandSpec<Groups extends FlagGroups> {
  readonly arguments?: readonly Argument[];
  /** heading in help → name → flag */
  readonly options: Groups;
  /** full command lines that run on the simulated world */
  readonly examples: readonly string[];
  /** what is missing beside required arguments and flags, such as one of two flags; undefined for what is there */
  readonly lacks?: (asked: Asked<Partial<FlagsOf<Groups>>>) => readonly (string | undefined)[];
  /** the columns that a missing column can be chosen from */
  readonly columns?: (asked: Asked<Partial<FlagsOf<Groups>>>) => Promise<readonly string[]>;
  readonly act: (call: Call<FlagsOf<Groups>>) => Promise<Result | undefined>;
}

/** A command from its description. */
export function defineCommand<const Groups extends FlagGroups>(spec: CommandSpec<Groups>): DefineCommand {
  return (command, streams) => {
    const words = spec.arguments ?? [];
    // commander names the first missing argument alone; they are checked with all that is missing
    for (const { name, help } of words) command.argument(`[${name}]`, help);
    const shown = words.map(({ name, isOptional = false }) => (isOptional ? `[${name}]` : `<${name}>`));
    command.usage([...shown, '[options]'].join(' '));
    for (const [heading, table] of Object.entries(spec.options)) addFlags(command, table, heading);
    setAction<FlagsOf<Groups>>(command, streams, {
      examples: spec.examples,
      act: async (call) => {
        const flags = splitNames(call.flags, spec.options);
        await checkGiven(command, { ...call, flags }, spec);
        return spec.act({ ...call, flags });
      },
    });
  };
}
