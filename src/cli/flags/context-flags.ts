/** The flags of the context: what a window needs, and what needs a window. */
import { InputError } from '../../checks.js';

/** What is looked at of the flags of a command that reads a log and trains on it. */
export interface ContextFlags {
  readonly context?: string | undefined;
  readonly window?: number | undefined;
  readonly shuffle?: boolean | undefined;
  readonly time?: string | undefined;
  readonly columns?: readonly string[] | undefined;
}

/**
 * Whether histories are read in the order of their clicks, which a window needs.
 *
 * @throws InputError for a window without times, and for a flag of windows without a window
 */
export function readsInOrder({ context, window, shuffle, time, columns }: ContextFlags): boolean {
  const isWindow = context === 'window';
  const unused = window !== undefined ? '--window' : shuffle === true ? '--shuffle' : undefined;
  if (!isWindow && unused !== undefined) {
    throw new InputError(`${unused} needs --context window; a whole history, the context here, has no order`);
  }
  if (isWindow && columns !== undefined) {
    throw new InputError(
      '--context window needs the order of clicks; --columns makes sets of the rows, which have none',
    );
  }
  if (isWindow && time === undefined) {
    throw new InputError('--context window needs the order of clicks: name it with --time COLUMN');
  }
  return isWindow;
}
