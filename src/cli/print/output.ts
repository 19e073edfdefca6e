/** Standard output: the result alone, as text or as one JSON object, written at the very end. */
import type { Writable } from 'node:stream';
import type { Result } from '../command.js';
import { shellWord } from './text.js';

/**
 * Writes a result and waits until it is handed over. That nobody reads it any more (`| head -1`) is no failure.
 *
 * @param program - how the program is called, for the commands that come next
 */
export async function printResult(
  stdout: Writable,
  { json, text, next = [] }: Result,
  { isJson, program = 'category2vec' }: { readonly isJson: boolean; readonly program?: string | undefined },
): Promise<void> {
  const lines = next.map((words) => [program, ...words.map(shellWord)].join(' '));
  const people = [text.replace(/\n*$/, ''), ...(lines.length === 0 ? [] : [`\nNext: ${lines.join('\n      ')}`])];
  await write(stdout, `${isJson ? JSON.stringify(json) : people.join('\n')}\n`);
}

/** Writes and waits; a closed pipe ends quietly. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined || isClosedPipe(error)) resolve();
      else reject(error);
    });
  });
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}
