/** Plain JSON, and a reader of its fields: each is asked for by name and type, and what is wrong is said with its place. */
import { checkInteger, checkNumber, describeValue, InputError, type Range } from '../checks.js';

/** A plain JSON value; of an object, fields may be undefined, which no text holds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** A JSON object and what it is called in errors. */
export class FieldReader {
  readonly name: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  /** @throws InputError if the value is not an object */
  constructor(value: unknown, name: string) {
    this.name = name;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InputError(`${name} must be a JSON object, got ${describeValue(value)}`);
    }
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  /** A field as it stands; undefined where it is missing. */
  optional(field: string): unknown {
    return Object.hasOwn(this.#fields, field) ? this.#fields[field] : undefined;
  }

  /** A finite number within a range. */
  number(field: string, range: Range = {}): number {
    return checkNumber(this.#place(field), this.optional(field), range);
  }

  /** A finite number within a range, or undefined where it is missing. */
  optionalNumber(field: string, range: Range = {}): number | undefined {
    return this.optional(field) === undefined ? undefined : this.number(field, range);
  }

  /** A whole number within a range. */
  integer(field: string, range: Range = {}): number {
    return checkInteger(this.#place(field), this.optional(field), range);
  }

  /** A text. */
  text(field: string): string {
    const value = this.optional(field);
    if (typeof value === 'string') return value;
    throw new InputError(`${this.#place(field)} must be text, got ${describeValue(value)}`);
  }

  /** True or false. */
  flag(field: string): boolean {
    const value = this.optional(field);
    if (typeof value === 'boolean') return value;
    throw new InputError(`${this.#place(field)} must be true or false, got ${describeValue(value)}`);
  }

  /** The index of a text among a few. */
  indexIn(field: string, names: readonly string[]): number {
    const index = names.indexOf(this.text(field));
    if (index >= 0) return index;
    throw new InputError(
      `${this.#place(field)} must be one of ${names.join(', ')}, got ${describeValue(this.optional(field))}`,
    );
  }

  /** A list of objects. */
  list(field: string): FieldReader[] {
    const value = this.optional(field);
    if (Array.isArray(value)) return value.map((entry, i) => new FieldReader(entry, `${this.#place(field)}[${i}]`));
    throw new InputError(`${this.#place(field)} must be a list, got ${describeValue(value)}`);
  }

  /** A reader of an object within this one. */
  object(field: string): FieldReader {
    return new FieldReader(this.optional(field), this.#place(field));
  }

  /** Numbers, finite. */
  numbers(field: string): readonly number[] {
    return this.#all(field, 'numbers', (each): each is number => typeof each === 'number' && Number.isFinite(each));
  }

  /** Texts. */
  texts(field: string): readonly string[] {
    return this.#all(field, 'texts', (each) => typeof each === 'string');
  }

  /** All fields as they stand. */
  get json(): { readonly [name: string]: Json | undefined } {
    return this.#fields as { readonly [name: string]: Json | undefined };
  }

  #all<Each>(field: string, what: string, isOne: (each: unknown) => each is Each): readonly Each[] {
    const value = this.optional(field);
    if (Array.isArray(value) && value.every(isOne)) return value;
    throw new InputError(`${this.#place(field)} must be a list of ${what}, got ${describeValue(value)}`);
  }

  #place(field: string): string {
    return this.name === 'it' ? field : `${this.name}.${field}`;
  }
}
