/** Runs command lines inside the test's process and gathers what they say. */
import { PassThrough, Readable, Writable } from 'node:stream';
import type { CommandRow } from '../../src/cli/command.js';
import { run } from '../../src/cli/main.js';
import { run as runTable } from '../../src/cli/run.js';

/** What a command line left behind. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command line is run. */
export interface Conditions {
  readonly stdin?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** how the program is called */
  readonly program?: string;
  /** another table than the program's own */
  readonly commands?: readonly CommandRow[];
  /** called with every piece of standard error */
  readonly onStderr?: (text: string) => void;
  /** called with every piece of standard output */
  readonly onStdout?: (text: string) => void;
}

/** Runs `category2vec ARGV`. */
export async function runCommand(
  argv: readonly string[],
  { stdin = '', signal = new AbortController().signal, program, commands, onStderr, onStdout }: Conditions = {},
): Promise<Outcome> {
  const stdout = gather(onStdout);
  const stderr = gather(onStderr);
  const streams = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    signal,
    ...(program === undefined ? {} : { program }),
  };
  const exitCode = await (commands === undefined ? run(argv, streams) : runTable(commands, argv, streams));
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

/** Runs `category2vec ARGV --json`, expects success and gives the object. */
export async function runJson(argv: readonly string[], conditions: Conditions = {}): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await runCommand([...argv, '--json', '--quiet'], conditions);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** A stream that looks like a terminal and keeps what is written to it. */
export function terminal(columns = 80): { readonly stream: Writable; readonly text: () => string } {
  const { stream, text } = gather();
  return { stream: Object.assign(stream, { isTTY: true, columns }), text };
}

/** A stream that keeps what is written to it. */
export function gather(onText?: (text: string) => void): { readonly stream: Writable; readonly text: () => string } {
  const parts: string[] = [];
  const stream = new PassThrough();
  stream.setEncoding('utf8').on('data', (part: string) => {
    parts.push(part);
    onText?.(part);
  });
  return { stream, text: () => parts.join('') };
}
