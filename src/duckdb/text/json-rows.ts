/** Lines of JSON, one object each → its rows, each judged. The exact reading, for what is reported or fixed. */
import { isUtf8 } from 'node:buffer';
import type { RowReader, RowVisitor } from './csv-rows.js';
import { maxLineBytes } from './text-lines.js';

/** Reads JSONL as DuckDB does: blank lines are passed over, NaN and Infinity are values, null is a row without values. */
export class JsonRows implements RowReader {
  readonly #visitor: RowVisitor;
  #number = 0;

  constructor(visitor: RowVisitor) {
    this.#visitor = visitor;
  }

  line(given: Buffer): void {
    const line = ++this.#number;
    const bytes = given[0] === 0xef && given[1] === 0xbb && given[2] === 0xbf ? given.subarray(3) : given;
    if (bytes.length > maxLineBytes) {
      const detail = `expected at most ${maxLineBytes / 2 ** 20} MiB in a line, got more`;
      this.#visitor.onFault({ cause: 'length', line, detail });
    } else if (!isUtf8(bytes)) {
      this.#visitor.onFault({ cause: 'encoding', line, detail: 'bytes that are not UTF-8' });
    } else {
      const text = bytes.toString('utf8').trim();
      if (text === '') return;
      const detail = faultOf(text);
      if (detail === undefined) this.#visitor.onRow(bytes, line);
      else this.#visitor.onFault({ cause: 'json', line, detail });
    }
  }

  end(): void {
    // a line is a row: nothing is open
  }
}

function faultOf(text: string): string | undefined {
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
  const value = parse(text);
  if (value === undefined) return `expected a JSON object, got ${shown}, which is not JSON`;
  if (typeof value !== 'object' || Array.isArray(value)) return `expected a JSON object, got ${shown}`;
  const ofKeys = faultOfKeys(text);
  if (ofKeys !== undefined) return ofKeys;
  // what cannot be written as text is escaped again
  const isBroken = /\\ud[89a-f]/i.test(text) && /\\ud[89a-f]/.test(JSON.stringify(value));
  return isBroken ? 'half of a surrogate pair, which is no character' : undefined;
}

/** What DuckDB does not read: a key that stands twice, or that holds NUL. @param text - JSON of an object */
function faultOfKeys(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  let isKey = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i);
    if (letter === '"') {
      const start = i++;
      while (i < text.length && text.charAt(i) !== '"') i += text.charAt(i) === '\\' ? 2 : 1;
      if (depth !== 1 || !isKey) continue;
      const key = String(JSON.parse(text.slice(start, i + 1)));
      if (seen.has(key)) return `expected each key once in an object, got ${JSON.stringify(key)} twice`;
      if (key.includes('\0')) return `expected keys without NUL, got ${JSON.stringify(key)}`;
      seen.add(key);
      isKey = false;
    } else if (letter === '{' || letter === '[') {
      isKey = ++depth === 1;
    } else if (letter === '}' || letter === ']') {
      depth--;
    } else if (letter === ',' && depth === 1) {
      isKey = true;
    }
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replace(/([:[,]\s*)(?:NaN|-?Infinity)(?=\s*[,\]}])/g, '$1null'));
    } catch {
      return undefined;
    }
  }
}
