/** InputError and the wording of every argument error. */
import { spellingHint } from './closest-spellings.js';

/** The name of an option in a sentence: `minCount` to callers of the library, `--min-count` on a command line. */
export class OptionName {
  constructor(readonly name: string) {}
}

/** Marks the name of an option in a `sentence`. */
export function named(name: string): OptionName {
  return new OptionName(name);
}

/** Text in which the names of options are marked, so that each program can spell them as its users do. */
export class Sentence {
  constructor(private readonly parts: readonly (string | OptionName)[]) {}

  /** The text, each name as `spell` gives it. */
  spelled(spell: (name: string) => string): string {
    return this.parts.map((part) => (typeof part === 'string' ? part : spell(part.name))).join('');
  }

  /** The same text about options that have other names for its reader. */
  renamed(rename: (name: string) => string): Sentence {
    return new Sentence(this.parts.map((part) => (typeof part === 'string' ? part : named(rename(part.name)))));
  }

  /** The same sentence, each text between names changed. */
  withTexts(change: (text: string) => string): Sentence {
    return new Sentence(this.parts.map((part) => (typeof part === 'string' ? change(part) : part)));
  }

  /** The text as callers of the library read it. */
  toString(): string {
    return this.spelled((name) => name);
  }

  /** Parts, for a sentence around this one. */
  *[Symbol.iterator](): Iterator<string | OptionName> {
    yield* this.parts;
  }
}

/**
 * A template for a `Sentence`: values are text, `named(name)` or other sentences. A line end in the template, and the
 * blanks that indent the next line, are one space.
 */
export function sentence(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | bigint | OptionName | Sentence | undefined)[]
): Sentence {
  const parts = texts.flatMap((written, i) => {
    const text = written.replace(/\n\s*/g, ' ');
    const value = values[i];
    if (value === undefined) return [text];
    if (value instanceof Sentence) return [text, ...value];
    return [text, value instanceof OptionName ? value : String(value)];
  });
  return new Sentence(parts);
}

/** Sentences as one, with text between them. */
export function joinSentences(parts: readonly (string | OptionName | Sentence)[], between = ', '): Sentence {
  const texts = ['', ...parts.map((_, i) => (i === parts.length - 1 ? '' : between))];
  return parts.length === 0 ? new Sentence([]) : sentence(Object.assign(texts, { raw: texts }), ...parts);
}

/**
 * Wrong input from the caller: an option, a file, a key. Its message is one sentence: what, expected, received, what to do.
 *
 * Programs turn it into exit code 2; any other exception is our own bug.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly #sentence: Sentence;

  constructor(message: string | Sentence, options?: ErrorOptions) {
    super(String(message), options);
    this.#sentence = typeof message === 'string' ? new Sentence([message]) : message;
  }

  /** The message, with the names of options marked where it was written so. */
  get sentence(): Sentence {
    return this.#sentence;
  }
}

/** Inclusive unless said otherwise; a missing bound is unbounded. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
  /** the value must be greater than `min`, not equal to it */
  readonly isMinExcluded?: boolean;
}

/**
 * Checks a finite number within a range.
 *
 * @throws InputError such as `learningRate must be a number > 0, got -1`
 */
export function checkNumber(name: string, value: unknown, range: Range = {}): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || !isWithin(value, range)) {
    throw new InputError(sentence`${named(name)} must be a number${describeRange(range)}, got ${describeValue(value)}`);
  }
  return value;
}

/**
 * Checks a whole number within a range; at most 2⁵³ − 1 in magnitude.
 *
 * @throws InputError such as `dimension must be a whole number from 1 to 4096, got 0`
 */
export function checkInteger(name: string, value: unknown, range: Range = {}): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || !isWithin(value, range)) {
    throw new InputError(
      sentence`${named(name)} must be a whole number${describeRange(range)}, got ${describeValue(value)}`,
    );
  }
  return value;
}

/**
 * Checks that a value is one of a few words.
 *
 * @throws InputError such as `model must be one of skip-gram, cbow, got "glove"`
 */
export function checkChoice<Choice extends string>(name: string, value: unknown, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) {
    const hint = typeof value === 'string' ? spellingHint(value, choices) : '';
    throw new InputError(
      sentence`${named(name)} must be one of ${choices.join(', ')}, got ${describeValue(value)}${hint}`,
    );
  }
  return found;
}

/** A length of time: seconds, or a bare number in whatever unit the times themselves have. */
export interface Duration {
  readonly amount: number;
  /** seconds per unit of `amount`; undefined for a bare number */
  readonly unitSeconds: number | undefined;
}

const secondsPerUnit: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);

/**
 * Checks a length of time such as `90s`, `30m`, `12h`, `7d`, or a bare positive number; `none` is undefined.
 *
 * @throws InputError such as `sessionGap must be a length of time such as 90s, 30m, 12h or 7d, got "soon"`
 */
export function checkDuration(name: string, value: unknown): Duration | undefined {
  if (value === 'none') return undefined;
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(String(value));
  const amount = Number(match?.[1]);
  if (!(amount > 0) || !Number.isFinite(amount)) {
    throw new InputError(
      sentence`${named(name)} must be a length of time such as 90s, 30m, 12h or 7d, got ${describeValue(value)}`,
    );
  }
  return { amount, unitSeconds: secondsPerUnit.get(match?.[2] ?? '') };
}

/** How an unexpected value is shown in an error: short, quoted where it is text. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}

function isWithin(value: number, { min = -Infinity, max = Infinity, isMinExcluded = false }: Range): boolean {
  return (isMinExcluded ? value > min : value >= min) && value <= max;
}

function describeRange({ min, max, isMinExcluded = false }: Range): string {
  if (min !== undefined && max !== undefined) {
    return isMinExcluded ? ` > ${min} and ≤ ${max}` : ` from ${min} to ${max}`;
  }
  if (min !== undefined) return isMinExcluded ? ` > ${min}` : ` ≥ ${min}`;
  return max === undefined ? '' : ` ≤ ${max}`;
}
