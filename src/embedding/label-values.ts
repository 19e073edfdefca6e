/** The values of a label: members of a list, or parts of a text between separators. */
import type { Attribute } from './attribute.js';

/**
 * The values of a label, without empty ones.
 *
 * Members of a list are values: of the JSON that a column of lists becomes (`["Crime","Drama"]`), and of what Python
 * prints for a list, tuple, set or array of texts (`['Crime', 'Drama']`). With a separator, lists of numbers are lists,
 * too, and any other text is split, without the brackets of a list such as `{Crime,Drama}` of Postgres.
 *
 * @param separator - such as `|` in `Crime|Drama`, spaces around parts left out; undefined takes a text that is no list whole
 */
export function labelValues(value: Attribute[number] | undefined, separator?: string): string[] {
  const text = String(value ?? '');
  if (text === '') return [];
  const members = typeof value === 'string' ? listMembers(text) : undefined;
  if (members !== undefined && (separator !== undefined || members.every(({ isQuoted }) => isQuoted))) {
    return members.map((member) => member.text).filter((member) => member !== '');
  }
  if (separator === undefined) return [text];
  return withoutBrackets(text, separator)
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const wrapped = /^\s*(?:\{([^{}]*)\}|(?:WrappedArray|List|ArraySeq)?\(([^()]*)\)|\[([^[\]]*)\])\s*$/;

/** What stands within brackets; other than braces they may be part of a text that is no list, such as `[deleted]`. */
function withoutBrackets(text: string, separator: string): string {
  const [, braced, round, square] = wrapped.exec(text) ?? [];
  const inner = braced ?? round ?? square;
  return inner !== undefined && (braced !== undefined || inner.includes(separator)) ? inner : text;
}

interface Member {
  readonly text: string;
  readonly isQuoted: boolean;
}

const closing: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const missing = new Set(['null', 'None', 'nan', 'NaN']);
const bare = /[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?|null|None|nan|NaN|true|false|True|False/iy;

/** Members of a list as JSON, Python or numpy write it; undefined for any other text. */
function listMembers(text: string): Member[] | undefined {
  const body = text.trim().replace(/^(?:array|set|frozenset)\(([^]*)\)$/, '$1');
  const end = body.length - 1;
  if (body.length < 2 || closing[body[0] ?? ''] !== body[end]) return undefined;
  const members: Member[] = [];
  let at = 1;
  for (;;) {
    // numpy prints arrays with spaces alone
    while (at < end && /[\s,]/.test(body[at] ?? '')) at++;
    if (at >= end) return members;
    const quote = body[at] ?? '';
    if (quote === '"' || quote === "'") {
      const stop = endOfQuoted(body, at, quote);
      const member = stop === undefined || stop > end ? undefined : unquoted(body.slice(at, stop), quote);
      if (stop === undefined || member === undefined || !/[\s,]|^$/.test(body.slice(stop, end).slice(0, 1)))
        return undefined;
      members.push({ text: member, isQuoted: true });
      at = stop;
    } else {
      bare.lastIndex = at;
      const found = bare.exec(body)?.[0];
      if (found === undefined || !/[\s,]|^$/.test(body.slice(at + found.length, end).slice(0, 1))) return undefined;
      if (!missing.has(found)) members.push({ text: found, isQuoted: false });
      at += found.length;
    }
  }
}

/** Place behind the closing quote. */
function endOfQuoted(text: string, start: number, quote: string): number | undefined {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i + 1;
  }
  return undefined;
}

const escaped: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** What stands between quotes; undefined for a broken escape. */
function unquoted(text: string, quote: string): string | undefined {
  if (quote === '"') {
    try {
      return String(JSON.parse(text));
    } catch {
      // Python escapes an apostrophe, which JSON does not know
    }
  }
  return text
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|([^]))/gi, (_, four?: string, two?: string, single?: string) =>
      single === undefined ? String.fromCharCode(parseInt(four ?? two ?? '0', 16)) : (escaped[single] ?? single),
    );
}
