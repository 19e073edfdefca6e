/** What a service writes into its log: one JSON object a line, without keys of users or categories. */
import type { ShelfEvent } from './model-shelf.js';

/** One line of the log. */
export type LogLine = Readonly<Record<string, string | number>>;

/** An answered request: the route as the table has it, never the address that was called. */
export interface AnsweredRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** milliseconds */
  readonly ms: number;
  readonly model?: string;
  readonly version?: string;
}

/** The line of a request. */
export function requestLine(time: Date, { ms, ...request }: AnsweredRequest): LogLine {
  const level = request.status >= 500 ? 'error' : 'info';
  return { time: time.toISOString(), level, event: 'request', ...request, ms: Math.round(ms * 1000) / 1000 };
}

/** The line of a version of a model; keys that its reason quotes are left out. */
export function versionLine(time: Date, { event, reason, ...version }: ShelfEvent): LogLine {
  const level = event === 'refused' || event === 'folder unreadable' ? 'error' : 'info';
  const why = reason === undefined ? {} : { reason: withoutQuotes(reason) };
  return { time: time.toISOString(), level, event: `version ${event}`, ...version, ...why };
}

/** The line of a bug: where it was thrown, but not its message, which may hold what was asked. */
export function bugLine(time: Date, error: unknown): LogLine {
  const { name, stack = '', message } = error instanceof Error ? error : new Error(String(error));
  const places = stack.replace(message, '').split('\n').slice(1, 8);
  return { time: time.toISOString(), level: 'error', event: 'bug', name, stack: places.join('\n') };
}

/** Quoted texts but the path that cannot be read become `"…"`. */
function withoutQuotes(reason: string): string {
  return reason.replace(/(cannot read )?"(?:[^"\\]|\\.)*"/g, (quoted, path: string | undefined) =>
    path === undefined ? '"…"' : quoted,
  );
}
