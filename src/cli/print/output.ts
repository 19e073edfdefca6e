/** Standard output: the result alone, as text or as one JSON object, written at the very end. */
import type { Writable } from 'node:stream';
import type { Result } from '../command.js';

/** Writes a result and waits until it is handed over. That nobody reads it any more (`| head -1`) is no failure. */
export async function printResult(stdout: Writable, { json, text }: Result, isJson: boolean): Promise<void> {
  await write(stdout, `${isJson ? JSON.stringify(json) : text.replace(/\n*$/, '')}\n`);
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
