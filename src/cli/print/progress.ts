/** Standard error: a progress bar on a terminal, plain lines at intervals elsewhere, notes and warnings. */
import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type cliProgress from 'cli-progress';
import { describeMatch, matchWarning, type KeyMatch } from '../../embedding/key-match.js';
import type { NoteDetails } from '../../duckdb/events/check-keys.js';
import type { StepProgress } from '../../step.js';
import { formatFigure, formatSeconds, formatShare, formatShort, printable } from './text.js';

/** How far a step is. Sums count from the start of the step. */
export interface ProgressState {
  /** share of the work done, from 0 to 1 */
  readonly share: number;
  readonly clicks?: number | undefined;
  readonly pairs?: number | undefined;
  readonly loss?: number | undefined;
}

/** How progress is printed. */
export interface ProgressOptions {
  /** says nothing but warnings */
  readonly isQuiet?: boolean;
  /** seconds, from any origin; by default this process's clock */
  readonly now?: () => number;
  /** the flag of an option that a note names; by default the name of the library */
  readonly spell?: (name: string) => string;
}

/** Plain lines come at every tenth of the work, but not more often than this and not more rarely than that, in seconds. */
const leastPause = 1;
const longestPause = 15;

/** What a command tells while it works. */
export class Progress {
  /** all joins so far */
  readonly joins: KeyMatch[] = [];
  readonly #noted = new Set<string>();
  #kept: string[] = [];
  readonly #stderr: Writable;
  readonly #isQuiet: boolean;
  readonly #now: () => number;
  #bar: cliProgress.SingleBar | undefined;
  #step = '';
  #start: { readonly seconds: number; readonly state: ProgressState } | undefined;
  #lastLine = { seconds: 0, share: 0 };
  /** announces a step that has nothing to report yet */
  #announcement: ReturnType<typeof setTimeout> | undefined;

  readonly #spell: (name: string) => string;

  constructor(
    stderr: Writable,
    { isQuiet = false, now = () => performance.now() / 1000, spell = (name) => name }: ProgressOptions = {},
  ) {
    this.#spell = spell;
    this.#stderr = stderr;
    this.#isQuiet = isQuiet;
    this.#now = now;
  }

  /** A line that is good to know. */
  note(text: string): void {
    if (!this.#isQuiet) this.#writeLine(text);
  }

  /** A note of the library, which may hold keys. */
  readonly onNote = (text: string, { sentence, isWarning = false }: Partial<NoteDetails> = {}): void => {
    if (this.#noted.has(text)) return;
    this.#noted.add(text);
    const said = printable(sentence?.spelled(this.#spell) ?? text);
    if (isWarning) this.warn(said);
    else this.note(said);
  };

  /** A join by key: a note, or a warning where fewer than half of the keys have found a partner. */
  readonly onKeys = (match: KeyMatch): void => {
    this.joins.push(match);
    const warning = matchWarning(match);
    if (warning === undefined) this.onNote(describeMatch(match));
    else this.warn(printable(warning));
  };

  /** A line that must be known, quiet or not. */
  warn(text: string): void {
    this.#writeLine(`warning: ${text}`);
  }

  /** The same once the outputs stand, so that a failure is one sentence. */
  readonly warnAtEnd = (text: string): void => {
    this.#kept.push(text);
  };

  /** Warns of what was kept for the end. */
  warnOfKept(): void {
    for (const text of new Set(this.#kept)) this.warn(printable(text));
    this.#kept = [];
  }

  /** Reports on a step such as `training`; the first call of a step starts its bar and its clock. */
  update(step: string, state: ProgressState): void {
    if (this.#isQuiet) return;
    const seconds = this.#now();
    if (this.#start === undefined || step !== this.#step) this.#begin(step, state, seconds);
    else if (this.#bar !== undefined) this.#bar.update(state.share, { line: this.#describe(state, seconds) });
    else this.#writeLineInTime(state, seconds);
  }

  /** Reports on the reading of a log. */
  readonly onReading = ({ stage, share }: StepProgress): void => this.update(`reading (${stage})`, { share });

  /** Ends the step; the bar is wiped away, so that what follows stands in its place. */
  end(): void {
    clearTimeout(this.#announcement);
    this.#bar?.stop();
    this.#bar = undefined;
    this.#start = undefined;
  }

  #begin(step: string, state: ProgressState, seconds: number): void {
    this.end();
    this.#step = step;
    this.#start = { seconds, state };
    this.#lastLine = { seconds, share: state.share };
    if (!isTerminal(this.#stderr)) {
      this.#announcement = setTimeout(() => this.#writeLine(`${step} …`), leastPause * 1000).unref();
      return;
    }
    // loaded when a terminal is there to draw it on
    const { SingleBar } = createRequire(import.meta.url)('cli-progress') as typeof cliProgress;
    this.#bar = new SingleBar({
      stream: this.#stderr,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
      format: (options, { progress }, payload: { readonly line: string }) => {
        const filled = Math.round(progress * 24);
        return `${step}  ${'█'.repeat(filled)}${'░'.repeat(24 - filled)}  ${payload.line}`.slice(
          0,
          terminalColumns(options.stream),
        );
      },
    });
    this.#bar.start(1, state.share, { line: this.#describe(state, seconds) });
  }

  #writeLineInTime(state: ProgressState, seconds: number): void {
    const pause = seconds - this.#lastLine.seconds;
    const hasMoved = Math.floor(state.share * 10) > Math.floor(this.#lastLine.share * 10);
    if (!(hasMoved && pause >= leastPause) && pause < longestPause) return;
    clearTimeout(this.#announcement);
    this.#lastLine = { seconds, share: state.share };
    this.#writeLine(`${this.#step}: ${this.#describe(state, seconds)}`);
  }

  /** `43.0 %  1.20 M clicks/s  38.1 M pairs/s  loss 2.134  12.0 s left`. */
  #describe(state: ProgressState, seconds: number): string {
    const start = this.#start ?? { seconds, state };
    const elapsed = seconds - start.seconds;
    const done = state.share - start.state.share;
    const rate = (name: 'clicks' | 'pairs') => {
      const sum = state[name];
      return sum === undefined || elapsed <= 0
        ? []
        : [`${formatShort((sum - (start.state[name] ?? 0)) / elapsed)} ${name}/s`];
    };
    return [
      formatShare(state.share),
      ...rate('clicks'),
      ...rate('pairs'),
      ...(state.loss === undefined ? [] : [`loss ${formatFigure(state.loss)}`]),
      ...(done > 0 && state.share < 1 ? [`${formatSeconds((elapsed * (1 - state.share)) / done)} left`] : []),
    ].join('  ');
  }

  #writeLine(text: string): void {
    if (this.#stderr.destroyed) return;
    this.#stderr.write(this.#bar === undefined ? `${text}\n` : `\r\u001b[K${text}\n`);
  }
}

function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

function terminalColumns(stream: unknown): number {
  const columns = typeof stream === 'object' && stream !== null && 'columns' in stream ? stream.columns : undefined;
  return typeof columns === 'number' && columns > 0 ? columns - 1 : 79;
}
