/** Gives a reader damaged files and gathers what must not come of them. */
import { InputError } from '../../src/checks.js';
import { Random } from '../../src/numerics/random.js';
import { mutate } from './mutations.js';

/** A reader and what it is given. */
export interface Fuzzed {
  readonly samples: readonly Uint8Array[];
  /** how many damaged files */
  readonly count: number;
  readonly seed?: number;
  /** reads; where it succeeds, it says in words what is wrong with the result, or nothing */
  readonly read: (bytes: Uint8Array) => Promise<string | undefined>;
}

/** Longer than any reader may take for a file of a few hundred bytes, on a machine with forty others at work. */
const mostMs = 120_000;

/**
 * Reads damaged files.
 *
 * Some of the samples must be accepted as they are.
 *
 * @returns what is wrong, each with the file as base64: another error than `InputError`, a message of several lines, a
 *   wrong result, a hang
 */
export async function fuzz({ samples, count, seed = 1, read }: Fuzzed): Promise<{ wrong: string[]; accepted: number }> {
  const random = new Random(seed);
  const wrong: string[] = [];
  let accepted = 0;
  // where no whole file is accepted, that damaged ones are refused says nothing
  const whole = await Promise.all(samples.map((sample) => read(sample.slice()).catch((error: unknown) => error)));
  if (!whole.includes(undefined)) wrong.push(`no whole file is accepted: ${String(whole[0])}`);
  for (let i = 0; i < count && wrong.length < 5; i++) {
    const bytes = mutate(samples[i % samples.length] ?? new Uint8Array(), random, samples);
    const start = performance.now();
    const found = await outcome(read, bytes);
    const took = performance.now() - start;
    if (found === 'accepted') accepted++;
    else if (found !== undefined) wrong.push(`${found} (number ${i}): ${Buffer.from(bytes).toString('base64')}`);
    if (took > mostMs)
      wrong.push(`took ${Math.round(took)} ms (number ${i}): ${Buffer.from(bytes).toString('base64')}`);
  }
  return { wrong, accepted };
}

async function outcome(read: Fuzzed['read'], bytes: Uint8Array): Promise<string | undefined> {
  try {
    return (await read(bytes)) ?? 'accepted';
  } catch (error) {
    if (!(error instanceof InputError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
    return error.message.includes('\n') ? `several lines: ${error.message}` : undefined;
  }
}
