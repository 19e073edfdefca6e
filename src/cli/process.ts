/** The running process: signals, closed pipes, the exit code. */
import { relative } from 'node:path';
import type { Streams } from './command.js';
import { write } from './print/output.js';
import { shellWord } from './print/text.js';

/** What a shell expects of a program that was ended by a signal: 128 + its number. */
const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs a command line in this process and ends it.
 *
 * The first Ctrl-C asks the command to stop and to leave nothing half-written; the second ends the process at once.
 */
export async function runProcess(run: (argv: readonly string[], streams: Streams) => Promise<number>): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const stop = stopSignal();
  // A reader that has gone is no fault: the result has no one to go to, and notes are lost without harm.
  stdout.on('error', () => {});
  stderr.on('error', () => {});
  const exitCode = await run(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    program: programName(process.argv[1] ?? '', process.env),
    get signal() {
      return stop.signal();
    },
  });
  await write(stdout, '');
  process.exit(exitCode === 130 ? stop.exitCode() : exitCode);
}

/**
 * What calls this program again in the same shell: its name where the path finds it, npx where npm ran it, else Node
 * with the file.
 */
export function programName(script: string, environment: NodeJS.ProcessEnv): string {
  const isNpm = environment['npm_command'] !== undefined || environment['npm_lifecycle_event'] !== undefined;
  if (isNpm || /[\\/]node_modules[\\/]\.bin[\\/]/.test(script)) return 'npx category2vec';
  return /\.[cm]?js$/.test(script) ? `node ${shellWord(relative('', script))}` : 'category2vec';
}

/**
 * The signal of the first Ctrl-C.
 *
 * Handlers are set when a command first asks for it: a command that never does ends at once, as programs do by default.
 */
function stopSignal(): { readonly signal: () => AbortSignal; readonly exitCode: () => number } {
  const stop = new AbortController();
  let received: number | undefined;
  let isListening = false;
  const listen = () => {
    isListening = true;
    for (const [name, exitCode] of Object.entries(signalExitCodes)) {
      process.on(name, () => {
        if (received !== undefined) process.exit(exitCode);
        received = exitCode;
        stop.abort();
      });
    }
  };
  return {
    signal: () => {
      if (!isListening) listen();
      return stop.signal;
    },
    exitCode: () => received ?? signalExitCodes.SIGINT,
  };
}
