/** The flags that name an event log, its columns and its filters: shared by every command that reads one. */
import type { Command } from 'commander';
import { filterOptions } from '../histories/reader-options.js';
import { addListFlag, addTableFlags, addValueFlag } from './flags.js';

const columnGroup = 'Event log';

/** Adds the argument and the flags of an event log. */
export function addLogFlags(command: Command): void {
  command.argument(
    '[logs...]',
    'CSV, TSV, JSONL or Parquet, plain or compressed: files and globs, or - for standard input',
  );
  addValueFlag(command, '--history <column>', 'what clicks belong together by: user, session, basket', {
    group: columnGroup,
  });
  addValueFlag(command, '--category <column>', 'what was clicked: this column gets the vectors', {
    group: columnGroup,
  });
  addListFlag(
    command,
    '--columns <names>',
    'instead of the two: every row is a history of `column=value` categories; with commas, or repeated where a name holds one',
    { group: columnGroup },
  );
  addValueFlag(command, '--time <column>', 'when: a time or a whole number', { group: columnGroup });
  addValueFlag(command, '--weight <column>', "a click's share of the loss, above 0", { group: columnGroup });
  addValueFlag(command, '--where <condition>', 'SQL condition on the events to keep', { group: columnGroup });
  addValueFlag(command, '--sql <query>', 'any query instead of files; it may read files itself', {
    group: columnGroup,
  });
  addValueFlag(command, '--delimiter <character>', 'of CSV; found out if not given', { group: columnGroup });
  command.optionsGroup(columnGroup).option('--no-header', 'CSV begins with data; columns are column0, column1, …');
  addValueFlag(command, '--encoding <name>', 'of CSV; UTF-8 if not given', { group: columnGroup });
  addValueFlag(
    command,
    '--memory-limit <size>',
    'memory for reading, such as 1GB; more is spilled to a temporary folder',
    { group: columnGroup },
  );
  addTableFlags(command, filterOptions, 'Filters');
}
