/** What a failed run says on standard error, and its exit code. */
import { type Command, CommanderError } from 'commander';
import { InputError } from '../checks.js';
import { codeOf, isSystemError, systemReason } from '../files/system-errors.js';
import { GateFailure, type Streams } from './command.js';
import { didYouMean, flagSuggestions } from './flags/suggestions.js';

/** Text for standard error, ending in a newline, and the exit code. */
export interface Failure {
  readonly exitCode: 1 | 2 | 3 | 130;
  readonly text: string;
}

/**
 * Explains an error: one sentence and 2 for what the caller or the machine's owner can fix, a stack and 1 for our own bug.
 *
 * @param command - the command that ran; its options are named as flags in the sentence
 */
export function describeFailure(error: unknown, command: Command, { signal, program }: Streams): Failure {
  // what stopping could not do has the signal's reason for its cause
  const isOfStop = error instanceof InputError && error.cause === signal.reason;
  if (signal.aborted) return { exitCode: 130, text: isOfStop ? `stopped: ${error.message}\n` : 'stopped\n' };
  if (error instanceof GateFailure) return { exitCode: 3, text: `${error.message}\n` };
  const sentence = mendable(error, command, program);
  if (sentence !== undefined) return { exitCode: 2, text: `error: ${sentence}\n` };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: 1, text: `${stack}\nThis is a bug in category2vec: please report it with the lines above.\n` };
}

function mendable(error: unknown, command: Command, program: string | undefined): string | undefined {
  if (error instanceof CommanderError) return usageSentence(error, command, program);
  if (error instanceof InputError) return error.sentence.spelled(flagNames(command));
  if (!(error instanceof Error)) return undefined;
  if (codeOf(error) !== undefined) {
    const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a temporary file';
    return isSystemError(error) ? `${path} cannot be used: ${systemReason(error)}` : undefined;
  }
  return isMemoryExhausted(error)
    ? 'not enough memory; lower --dimension, raise --min-count or use a larger machine'
    : undefined;
}

/** commander's messages stand on two lines and begin with "error:"; ours are one sentence. */
function usageSentence(error: CommanderError, command: Command, program?: string): string {
  const message = error.message.replace(/^error: /, '').replace(/\s*\(Did you mean .*\?\)$/s, '');
  const [, flag] = /^unknown option '(.*)'$/s.exec(message) ?? [];
  const hint = flag === undefined ? '' : didYouMean(flagSuggestions(flag, command));
  return `${message.replace(/\.$/, '')}${hint === '' ? `; \`${helpCall(command, program)}\` shows what there is` : hint}`;
}

/** How the help of a command is called: `category2vec click train --help`. */
export function helpCall(command: Command, program = 'category2vec'): string {
  return [program, ...wordsOf(command), '--help'].join(' ');
}

/** The words that call a command, after the program's name: `click train`. */
export function wordsOf(command: Command): string[] {
  const names: string[] = [];
  for (let at = command; at.parent !== null; at = at.parent) names.unshift(at.name());
  return names;
}

/** What is no flag but is taken from the environment. */
const environmentNames: ReadonlyMap<string, string> = new Map([['temporaryFolder', 'TMPDIR']]);

/** What the command has no flag for: `historyTime` is `history time`. */
function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Steps name their options as the library spells them (`minCount`); whoever typed a flag reads the flag (`--min-count`). */
export function flagNames(command: Command): (name: string) => string {
  const flags = new Map(command.options.map((option) => [option.attributeName(), option.long ?? option.short]));
  return (name) => flags.get(name) ?? environmentNames.get(name) ?? inWords(name);
}

function isMemoryExhausted(error: Error): boolean {
  return error instanceof RangeError && /allocation failed|could not allocate|out of memory/i.test(error.message);
}
