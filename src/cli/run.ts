/** Runs one command line against the table of commands and answers with its exit code. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { CommandGroup, CommandRow, Streams } from './command.js';
import { InputError } from '../checks.js';
import { closestSpellings } from '../closest-spellings.js';
import { examplesText } from './action.js';
import { describeFailure, helpCall } from './failures.js';
import { CommonFlag } from './flags/flags.js';
import { didYouMean } from './flags/suggestions.js';

/**
 * Parses and runs a command line.
 *
 * @param commands - the table of commands
 * @param argv - the words after the program's name
 * @returns exit code: 0 done, 1 our fault, 2 what the caller can fix, 130 stopped
 */
export async function run(
  commands: readonly (CommandRow | CommandGroup)[],
  argv: readonly string[],
  streams: Streams,
): Promise<number> {
  const program = newProgram(streams);
  let called: Command = program;
  const isForAll = argv.includes('--all') && argv.some((word) => ['help', '--help', '-h'].includes(word));
  const words = helpLast(commands, isForAll ? argv.filter((word) => word !== '--all') : argv);
  try {
    called = await addCommands(program, commands, { words, streams });
    if (!isForAll) showCommonFlags(called, streams);
    if (words.length === 0 || (called.commands.length > 0 && words.length === 1 && called !== program))
      called.outputHelp();
    else await program.parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = describeFailure(error, called, streams);
    streams.stderr.write(failure.text);
    return failure.exitCode;
  }
}

type Rows = readonly (CommandRow | CommandGroup)[];

/** `help click train` and `click help train` ask for what `click train --help` shows. */
function helpLast(commands: Rows, argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('help');
  const isGroup = commands.some((row) => 'rows' in row && row.name === argv[0]);
  return at === 0 || (at === 1 && isGroup) ? [...argv.filter((_, i) => i !== at), '--help'] : argv;
}

/**
 * Adds the commands of the program or of a group; only the one that is called is loaded.
 *
 * @returns it, or the parent where none is named
 */
async function addCommands(
  parent: Command,
  rows: Rows,
  { words: [word = '', ...rest], streams }: { readonly words: readonly string[]; readonly streams: Streams },
): Promise<Command> {
  let called = parent;
  for (const row of rows) {
    const command = parent.command(row.name).summary(row.summary).description(sentenceOf(row.summary));
    if (row.name !== word) continue;
    called = command;
    if ('rows' in row) {
      command.usage('COMMAND [arguments] [options]').addHelpText('after', examplesText(row.examples));
      called = await addCommands(command, row.rows, { words: rest, streams });
    } else {
      (await row.load()).command(command, streams);
    }
  }
  if (called !== parent || word === '' || word.startsWith('-')) return called;
  const within = rows.flatMap((row) =>
    'rows' in row ? row.rows.map(({ name }) => [name, `${row.name} ${name}`]) : [],
  );
  const names = new Map(
    [...within, ...rows.map(({ name }) => [name, name])].map(([name = '', call = '']) => [name, call]),
  );
  const meant =
    word === 'version'
      ? '--version'
      : (names.get(word) ?? names.get(closestSpellings(word, [...names.keys()], 1)[0] ?? ''));
  const hint =
    meant === undefined ? `; \`${helpCall(parent, streams.program)}\` shows what there is` : didYouMean([meant]);
  throw new InputError(`unknown command '${word}'${hint}`);
}

/** A command of many flags shows those that people use, and says how to see all. */
function showCommonFlags(command: Command, { program }: Streams): void {
  const all = command.createHelp().visibleOptions(command);
  const common = all.filter((option) => option instanceof CommonFlag || option.long === '--help');
  if (all.length <= mostShown || common.length === 1) return;
  const rest = all.length - common.length;
  command
    .configureHelp({ styleTitle, visibleOptions: () => common })
    .addHelpText('after', `\n${helpCall(command, program)} --all shows ${rest} more options.`);
}

/** Flags that help shows without a choice. */
const mostShown = 20;

/** The version in package.json, which stands two folders above this file in `src/` and in `dist/`. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

function newProgram({ stdout, stderr }: Streams): Command {
  return new Command('category2vec')
    .description('Vectors for columns with many values, learned from what people clicked.')
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .usage('COMMAND [arguments] [options]')
    .helpCommand('help [command]', 'show the options of a command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => helpWidth(stdout),
      getErrHelpWidth: () => helpWidth(stderr),
    })
    .configureHelp({ styleTitle })
    .addHelpText('after', () => '\ncategory2vec COMMAND --help shows the options of a command, with an example.');
}

function styleTitle(title: string): string {
  return title === 'Usage:' ? title : title.replace(/:$/, '');
}

/** `learn an embedding` → `Learn an embedding.` */
function sentenceOf(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** Lines of help are as wide as the terminal, up to what is comfortable to read. */
function helpWidth(stream: NodeJS.WritableStream): number {
  return Math.min('columns' in stream && typeof stream.columns === 'number' ? stream.columns : 100, 120);
}
