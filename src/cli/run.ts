/** Runs one command line against the table of commands and answers with its exit code. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { CommandGroup, CommandRow, Streams } from './command.js';
import { describeFailure } from './failures.js';

/**
 * Parses and runs a command line.
 *
 * @param commands - the table of commands
 * @param argv - the words after the program's name
 * @returns exit code: 0 done, 1 our fault, 2 what the caller can mend, 130 stopped
 */
export async function run(
  commands: readonly (CommandRow | CommandGroup)[],
  argv: readonly string[],
  streams: Streams,
): Promise<number> {
  const program = newProgram(streams);
  let called: Command = program;
  try {
    for (const row of commands) {
      const command = program.command(row.name).summary(row.summary).description(sentenceOf(row.summary));
      if (!isNamed(row.name, argv)) continue;
      if ('rows' in row) {
        called = await addGroup(command, row, argv.slice(1), streams);
      } else {
        (await row.load())(command, streams);
        called = command;
      }
    }
    if (argv.length === 0) program.outputHelp();
    else if (argv.length === 1 && called !== program && called.commands.length > 0) called.outputHelp();
    else await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = describeFailure(error, called, streams.signal);
    streams.stderr.write(failure.text);
    return failure.exitCode;
  }
}

/** Adds the commands of a group; only the one that is called is loaded. @returns it, or the group */
async function addGroup(
  group: Command,
  { rows, examples }: CommandGroup,
  argv: readonly string[],
  streams: Streams,
): Promise<Command> {
  group
    .usage('COMMAND [arguments] [options]')
    .helpCommand('help [command]', 'show the options of a command')
    .addHelpText('after', `\nExamples\n${examples.map((line) => `  ${line}`).join('\n')}`);
  let called = group;
  for (const row of rows) {
    const command = group.command(row.name).summary(row.summary).description(sentenceOf(row.summary));
    if (!isNamed(row.name, argv)) continue;
    (await row.load())(command, streams);
    called = command;
  }
  return called;
}

/** The version in package.json, which stands two folders above this file in `src/` and in `dist/`. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

function newProgram({ stdout, stderr }: Streams): Command {
  return new Command('category2vec')
    .description('Vectors for columns with many values, learned from what people clicked.')
    .version(readVersion(), '--version', 'print the version')
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
    .configureHelp({ styleTitle: (title) => (title === 'Usage:' ? title : title.replace(/:$/, '')) })
    .addHelpText('after', () => '\ncategory2vec COMMAND --help shows the options of a command, with an example.');
}

/** `learn an embedding` → `Learn an embedding.` */
function sentenceOf(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}

/** Whether a command line calls a command: `train …` or `help train`. */
function isNamed(name: string, [first, second]: readonly string[]): boolean {
  return first === name || (first === 'help' && second === name);
}

/** Lines of help are as wide as the terminal, up to what is comfortable to read. */
function helpWidth(stream: NodeJS.WritableStream): number {
  return Math.min('columns' in stream && typeof stream.columns === 'number' ? stream.columns : 100, 120);
}
