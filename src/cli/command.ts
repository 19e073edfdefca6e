/** What a row of the table of commands holds, and what a command is given to work with. */
import type { Readable, Writable } from 'node:stream';
import type { Command } from 'commander';

/** The streams of a run and the signal that Ctrl-C raises. */
export interface Streams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
  /** how the program is called in this shell, such as `npx category2vec`; default `category2vec` */
  readonly program?: string;
}

/** What a command has to say at its end: one JSON object, or the same for people. */
export interface Result {
  readonly json: object;
  readonly text: string;
  /** what to run next, each the words of a command line after the program's name; shown to people below the text */
  readonly next?: readonly (readonly string[])[];
  /** a gate that the user set and that was not met, in a sentence: the result is printed, and the exit code is 3 */
  readonly gate?: string;
}

/** A gate that was not met, after the result was printed. */
export class GateFailure extends Error {}

/** Adds arguments, options and the action to an empty command. */
export type DefineCommand = (command: Command, streams: Streams) => void;

/** One command. Its file, and the libraries below it, are loaded only when it is called. */
export interface CommandRow {
  readonly name: string;
  /** one line for the list of commands */
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: DefineCommand }>;
}

/** A group of commands, called as `category2vec GROUP COMMAND`. */
export interface CommandGroup {
  readonly name: string;
  /** one line for the list of commands */
  readonly summary: string;
  readonly rows: readonly CommandRow[];
  /** command lines for the group's help, in the order in which they run */
  readonly examples: readonly string[];
}
