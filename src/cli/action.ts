/** The frame around every command's action: `--json`, `--quiet`, examples in help, progress, and the result at the end. */
import type { Command } from 'commander';
import { matchToJson } from '../embedding/key-match.js';
import { GateFailure, type Result, type Streams } from './command.js';
import { flagNames } from './failures.js';
import { hearSignals } from '../files/hear-signals.js';
import { describeBadRows, mergeBadRows, type BadRows } from '../histories/bad-rows.js';
import { CommonFlag } from './flags/flags.js';
import { printResult } from './print/output.js';
import { Progress } from './print/progress.js';

/** What an action is given. `Flags` is what the command's own options parse to. */
export interface Call<Flags> {
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly progress: Progress;
  readonly streams: Streams;
  /** whether only results and warnings are wanted */
  readonly isQuiet: boolean;
  /** prints a result before the end, for a command that keeps running; its action then ends with undefined */
  readonly print: (result: Result) => Promise<void>;
}

/** An action and the examples that its help shows, each a full command line that runs on the simulated world. */
export interface Action<Flags> {
  readonly examples: readonly string[];
  readonly act: (call: Call<Flags>) => Promise<Result | undefined>;
}

/** Gives a command its action; its result is printed when all is done, and nothing is printed on failure. */
export function setAction<Flags extends object>(
  command: Command,
  streams: Streams,
  { examples, act }: Action<Flags>,
): void {
  command
    .optionsGroup('Output')
    .addOption(new CommonFlag('--json', 'print one JSON object'))
    .addOption(new CommonFlag('--quiet', 'no progress and no notes'))
    .addHelpText('after', examplesText(examples))
    .action(async () => {
      const { json = false, quiet = false, ...flags } = command.opts<Flags & { json?: boolean; quiet?: boolean }>();
      const progress = new Progress(streams.stderr, { isQuiet: quiet, spell: flagNames(command) });
      const left = new Map<string, BadRows>();
      const print = ({ next = [], ...result }: Result) =>
        printResult(
          streams.stdout,
          { ...withBadRows(withJoins(result, progress), [...left.values()]), next: quiet ? [] : next },
          { isJson: json, program: streams.program },
        );
      const onBadRows = (rows: BadRows, name: string): void => {
        if (!left.has(name)) progress.note(describeBadRows(name, rows));
        left.set(name, rows);
      };
      let result: Result | undefined;
      try {
        const given = { ...flags, onBadRows } as unknown as Flags;
        result = await act({ args: command.args, flags: given, progress, streams, isQuiet: quiet, print });
      } finally {
        progress.end();
      }
      if (result === undefined) return;
      // what has been written stands, and its command has done its work; of what is only printed, a late Ctrl-C is heard
      await hearSignals();
      if (!('out' in result.json)) streams.signal.throwIfAborted();
      progress.warnOfKept();
      await print(result);
      if (result.gate !== undefined) throw new GateFailure(result.gate);
    });
}

/** A result and, for `--json`, how the joins by key went. */
function withJoins(result: Result, { joins }: Progress): Result {
  return joins.length === 0 ? result : { ...result, json: { ...result.json, joins: joins.map(matchToJson) } };
}

/** Command lines as help shows them below the options. */
export function examplesText(lines: readonly string[]): string {
  return `\nExample${lines.length === 1 ? '' : 's'}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** What was skipped stands under `dropped`, whatever was read. */
function withBadRows({ json, text }: Result, left: readonly BadRows[]): Result {
  const badRows = mergeBadRows(left);
  if (badRows === undefined) return { json, text };
  const given = 'dropped' in json && typeof json.dropped === 'object' ? json.dropped : {};
  const others = Object.entries(given ?? {}).filter(([name]) => name !== 'badRows');
  return { json: { ...json, dropped: { ...Object.fromEntries(others), badRows } }, text };
}
