/** Keys as a JSON list of texts in row order: beside an npy file, and inside a safetensors file. */
import { describeValue, InputError } from '../checks.js';
import { ByteWriter, readAllText, type ByteSource } from './bytes.js';

/** A list of keys as JSON, in parts; every text can be held, also half a character. */
export function* keysToJson(keys: readonly string[]): Generator<Uint8Array> {
  const writer = new KeyListWriter();
  for (const key of keys) {
    writer.add(key);
    if (writer.isFull) yield writer.take();
  }
  yield writer.end();
}

/** The same, key by key. */
export class KeyListWriter {
  readonly #writer = new ByteWriter();
  #before = '[';

  /** Whether it is time to take what was written. */
  get isFull(): boolean {
    return this.#writer.isFull;
  }

  add(key: string): void {
    this.#writer.text(this.#before + JSON.stringify(key));
    this.#before = ',\n';
  }

  take(): Uint8Array {
    return this.#writer.take();
  }

  /** The rest. */
  end(): Uint8Array {
    this.#writer.text(this.#before === '[' ? '[]\n' : ']\n');
    return this.#writer.take();
  }
}

/**
 * Reads a JSON list of distinct keys.
 *
 * @throws InputError for anything else
 */
export async function keysFromJson(source: ByteSource): Promise<string[]> {
  const text = await readAllText(source, () => new InputError('the keys must be UTF-8 text'));
  const value = parseJson(text, 'the keys');
  if (!Array.isArray(value)) throw new InputError('the keys must be a JSON list of texts, got another value');
  const wrong = value.findIndex((key) => typeof key !== 'string');
  if (wrong >= 0)
    throw new InputError(`the keys must be texts, got ${describeValue(value[wrong])} in row ${wrong + 1}`);
  return value as string[];
}

/** @throws InputError, naming `what`, for text that is not JSON */
export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`${what} must be JSON`);
  }
}
