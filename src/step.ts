/** One shape for every step, `step(input, options, { signal, onProgress })`, and one check of what callers give it. */
import { describeValue, InputError } from './checks.js';
import { spellingHint } from './closest-spellings.js';

/** Where a step stands; each step adds what it knows. */
export interface StepProgress {
  /** what is done now */
  readonly stage: string;
  /** share of the stage done, 0 … 1 */
  readonly share: number;
}

/** What a step tells while it works, and what stops it. */
export interface StepHooks<Progress extends StepProgress = StepProgress> {
  /** called now and then */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** stops the work; the promise rejects with the signal's reason */
  readonly signal?: AbortSignal | undefined;
}

/** What an argument must be. */
export interface ArgumentKind {
  /** in a sentence: `an Embedding, as trainEmbedding and readEmbedding give it` */
  readonly what: string;
  readonly is: (value: unknown) => boolean;
  /** whether undefined will do */
  readonly isOptional?: boolean;
  /** the only properties that it may have */
  readonly names?: readonly string[];
}

/** Every property of an interface, so that a list of names cannot drift from it. */
export type NamesOf<Given> = Readonly<Record<keyof Given, true>>;

/** The options of a step: an object, or nothing. */
export function optionsKind<Given>(names: NamesOf<Given>): ArgumentKind {
  return { what: 'an object of options', is: isPlain, isOptional: true, names: Object.keys(names) };
}

/** Options without which a step cannot begin, such as the columns of a table. */
export function neededOptionsKind<Given>(names: NamesOf<Given>): ArgumentKind {
  return { ...optionsKind(names), isOptional: false };
}

/** The options of a table, and others beside them. */
export function tableKind(table: Readonly<Record<string, unknown>>, ...others: readonly string[]): ArgumentKind {
  return { what: 'an object of options', is: isPlain, isOptional: true, names: [...Object.keys(table), ...others] };
}

/** The hooks of a step: `signal`, and functions. */
export function hooksKind<Given>(names: NamesOf<Given>): ArgumentKind {
  const what = 'an object such as { signal, onProgress } of an AbortSignal and functions';
  return { what, is: areHooks, isOptional: true, names: Object.keys(names) };
}

/** The hooks of a step that tells nothing else. */
export const plainHooks = hooksKind<StepHooks>({ onProgress: true, signal: true });

/** The hooks of a step that can be stopped and tells nothing. */
export const signalOnly = hooksKind<Pick<StepHooks, 'signal'>>({ signal: true });

/** Tells a piece of work that knows no shares of itself: when it begins, and when it is done. */
export async function told<Result>(
  stage: string,
  { onProgress, signal }: StepHooks,
  work: () => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  onProgress?.({ stage, share: 0 });
  const result = await work();
  onProgress?.({ stage, share: 1 });
  return result;
}

/** Lets others have their turn. @throws the signal's reason when it is raised */
export async function pause(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve);
  });
  signal?.throwIfAborted();
}

/** Several inputs in one object. */
export function inputsKind<Given>(what: string, names: NamesOf<Given>): ArgumentKind {
  return { what, is: isPlain, names: Object.keys(names) };
}

/** The same, of which each must be there. */
export function neededInputsKind<Given>(what: string, names: NamesOf<Given>): ArgumentKind {
  return { ...inputsKind(what, names), is: objectWith('', Object.keys(names)).is };
}

/** An object that has some properties, whatever others. */
export function objectWith(what: string, names: readonly string[]): ArgumentKind {
  return { what, is: (value) => isObject(value) && names.every((name) => name in value) };
}

/** A list. */
export function listOf(what: string): ArgumentKind {
  return { what, is: (value) => Array.isArray(value) };
}

/** A value for each of something: a list or a typed array. */
export function arrayOf(what: string): ArgumentKind {
  return { what, is: (value) => isObject(value) && 'length' in value };
}

/** Text. */
export const text: ArgumentKind = { what: 'text', is: (value) => typeof value === 'string' };

/** The path of a file or folder. */
export const path: ArgumentKind = { what: 'the path of a file', is: (value) => typeof value === 'string' };

/** The path of a folder. */
export const folder: ArgumentKind = { what: 'the path of a folder', is: (value) => typeof value === 'string' };

/** A function. */
export const callback: ArgumentKind = { what: 'a function', is: (value) => typeof value === 'function' };

/**
 * Checks the arguments of a step: that each is what it must be, so that swapped and missing ones are told in a
 * sentence, and that nothing is named that the step does not know.
 *
 * @param call - how it is called: `align(embedding, reference, options, hooks)`
 * @param given - argument → its value and what it must be
 * @throws InputError such as `embedding must be an Embedding, …, got an object with items, offsets; call align(…)`
 */
export function checkCall(
  call: string,
  given: Readonly<Record<string, readonly [value: unknown, kind: ArgumentKind]>>,
): void {
  for (const name in given) {
    const [value, kind] = given[name] ?? [undefined, callback];
    if ((value === undefined && kind.isOptional === true) || kind.is(value)) continue;
    throw new InputError(`${name} must be ${kind.what}, got ${describeArgument(value)}; call ${call}`);
  }
  for (const name in given) {
    const [value, kind] = given[name] ?? [undefined, callback];
    if (kind.names === undefined || !isObject(value)) continue;
    for (const property of Object.keys(value)) {
      if (!kind.names.includes(property)) throw unknownName(property, name, { kind, call, given });
    }
  }
}

function unknownName(
  property: string,
  argument: string,
  {
    kind: { names = [] },
    call,
    given,
  }: {
    readonly kind: ArgumentKind;
    readonly call: string;
    readonly given: Readonly<Record<string, readonly [unknown, ArgumentKind]>>;
  },
): InputError {
  const other = Object.entries(given).find(([, [, kind]]) => kind.names?.includes(property) === true);
  if (other !== undefined)
    return new InputError(`${property} belongs to ${other[0]}, not to ${argument}; call ${call}`);
  const one = argument.replace(/s$/, '');
  const article = 'aeiou'.includes(one.charAt(0)) ? 'an' : 'a';
  return new InputError(
    `${property} is not ${article} ${one} of ${call}; the ${one}s are ${names.join(', ')}${spellingHint(property, names)}`,
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** An object that holds named values, not one that is a value itself, such as a list, a map or an embedding. */
function isPlain(value: unknown): boolean {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function areHooks(value: unknown): boolean {
  if (!isObject(value) || !isPlain(value)) return false;
  return Object.entries(value).every(([name, hook]) => {
    if (hook === undefined) return true;
    if (name === 'signal') return isObject(hook) && 'aborted' in hook;
    return !name.startsWith('on') || typeof hook === 'function';
  });
}

/** What an argument is, in words: a list, an Embedding, an object with its first properties. */
function describeArgument(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (!isObject(value) || Array.isArray(value)) return describeValue(value);
  if (value instanceof Promise) return 'a Promise; await it first';
  if (!isPlain(value))
    return `${'AEIOU'.includes(value.constructor.name.charAt(0)) ? 'an' : 'a'} ${value.constructor.name}`;
  const names = Object.keys(value);
  return names.length === 0 ? 'an empty object' : `an object with ${names.slice(0, 3).join(', ')}`;
}
