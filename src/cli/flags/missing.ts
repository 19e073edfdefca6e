/** What a command line lacks, all of it in one sentence. */
import type { Command } from 'commander';
import { InputError } from '../../checks.js';
import type { FlagGroups, FlagRow } from './flag-table.js';
import type { Call } from '../action.js';
import { helpCall, wordsOf } from '../failures.js';
import { flagOf, valueName } from './flags.js';

/** What is required, and what of it is there. */
export interface Requirements<Asked> {
  readonly arguments?: readonly { readonly name: string; readonly isOptional?: boolean }[];
  readonly options: FlagGroups;
  readonly lacks?: (asked: Asked) => readonly (string | undefined)[];
  readonly columns?: (asked: Asked) => Promise<readonly string[]>;
}

/**
 * Checks that everything required is there.
 *
 * @throws InputError that lists all that is missing, and the columns that there are where one of them is
 */
export async function checkGiven<Asked extends Pick<Call<object>, 'args' | 'flags' | 'streams'>>(
  command: Command,
  asked: Asked,
  { arguments: words = [], options, lacks, columns }: Requirements<Asked>,
): Promise<void> {
  const given = new Map<string, unknown>(Object.entries(asked.flags));
  const rows = Object.values(options).flatMap((table) => Object.entries(table));
  const flags = rows.filter(([name, { isRequired }]) => isRequired === true && isNothing(given.get(name)));
  const absent = words.filter(({ isOptional }, i) => isOptional !== true && isNothing(asked.args[i]));
  const others = (lacks?.(asked) ?? []).filter((each) => each !== undefined);
  const missing = [
    ...absent.map(({ name }) => `<${name}>`),
    ...others,
    ...flags.map(([name, row]) => `${flagOf(name)} ${valueName(row)}`),
  ];
  // of a single thing that is no flag, the command itself says more
  if (missing.length === 0 || (missing.length === 1 && others.length === 1)) return;
  const isColumn = missing.some((name) => name.includes('<column>'));
  const known = isColumn ? ((await columns?.(asked).catch(() => [])) ?? []) : [];
  const shown = known.slice(0, 30).join(', ') + (known.length > 30 ? ` and ${known.length - 30} more` : '');
  const help = `\`${helpCall(command, asked.streams.program)}\` shows what there is`;
  const [flag] = flags;
  if (missing.length === 1 && flag !== undefined) throw new InputError(singleSentence(flag, shown));
  if (missing.length === 1)
    throw new InputError(`${wordsOf(command).join(' ')} needs <${absent[0]?.name ?? ''}>, got none; ${help}`);
  throw new InputError(
    `${wordsOf(command).join(' ')} needs ${inWords(missing)}, got none of them; ` +
      (shown === '' ? help : `the columns are ${shown}`),
  );
}

function singleSentence([name, row]: [string, FlagRow], columns: string): string {
  const flag = flagOf(name);
  if (row.kind === 'column')
    return `${flag} must be a column of the input${columns === '' ? '' : ` (${columns})`}, got nothing`;
  if (name === 'out')
    return `${flag} must name ${row.value === 'folder' ? 'a folder' : 'the file'} to write, got nothing: ${row.help}`;
  return `${flag} must be given, got nothing: ${row.help}`;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** `a`, `a and b`, `a, b and c` */
function inWords(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
}
