/** Keys in formats that give some characters a meaning of their own: refused by name, or percent-escaped where asked for. */
import { InputError, named, sentence, type Sentence } from '../checks.js';
import { optionsKind } from '../step.js';

/**
 * `percent` writes what a format cannot hold, and `%` itself, as the percent-escapes of URLs; without it such keys are
 * refused.
 */
export type Escape = 'none' | 'percent';

/** `escape` alone, as the options of a reader. */
export const escapeOptions = optionsKind<{ escape: Escape }>({ escape: true });

/** What one format cannot hold in a text. */
export interface TextRule {
  /** the format's name in messages */
  readonly format: string;
  /** characters that it cannot hold, in words */
  readonly names: string;
  /** the same as a pattern, global */
  readonly unsafe: RegExp;
  /** whether it can hold a text of no characters */
  readonly allowsEmpty: boolean;
}

/**
 * Texts as a format can hold them.
 *
 * @param what - what the texts are, such as `a category`, for messages
 * @returns the texts, escaped where `escape` says so; an empty one becomes a lone `%` where the format cannot hold it
 * @throws InputError that names up to three offenders and says how many there are
 */
export function escapeTexts(texts: readonly string[], rule: TextRule, what: string, escape: Escape): readonly string[] {
  refuse(
    texts,
    (text) => /\p{Surrogate}/u.test(text),
    (found) => `UTF-8 cannot hold half a character in ${what}: ${found}`,
  );
  if (escape === 'percent') return texts.map((text) => escapeText(text, rule));
  refuse(
    texts,
    (text) => text.search(rule.unsafe) >= 0 || (text === '' && !rule.allowsEmpty),
    (found) =>
      sentence`${rule.format} cannot hold ${rule.names} in ${what}: ${found}; ${named('escape')} percent writes them`,
  );
  return texts;
}

function escapeText(text: string, { unsafe, allowsEmpty }: TextRule): string {
  if (text === '' && !allowsEmpty) return '%';
  return text.replaceAll('%', '%25').replace(unsafe, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

function refuse(
  texts: readonly string[],
  isWrong: (text: string) => boolean,
  message: (found: string) => string | Sentence,
): void {
  const wrong = texts.filter(isWrong);
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, 3).map((text) => JSON.stringify(text));
  const found = `${wrong.length} of ${texts.length} ${wrong.length === 1 ? 'does' : 'do'}, ${shown.join(', ')}`;
  throw new InputError(message(wrong.length > shown.length ? `${found}, …` : found));
}

/**
 * Undoes `escapeTexts` for one text.
 *
 * @param where - place of the text, such as `line 3`, for messages
 * @throws InputError for a `%` that no two hexadecimal digits follow, or that do not make UTF-8
 */
export function unescapeText(text: string, escape: Escape, where: string): string {
  if (escape === 'none' || !text.includes('%')) return text;
  if (text === '%') return '';
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InputError(`${where} must hold a percent-escaped text, got ${JSON.stringify(text)}; import it unescaped`);
  }
}
