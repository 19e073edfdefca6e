/** What callers get wrong is told in one sentence: swapped, missing and unnamed arguments of every step. */
import { describe, expect, test } from 'vitest';
import * as library from '../src/index.js';

const histories = library.historiesFromRows([
  ['a', 'b'],
  ['a', 'c'],
]);
const embedding = new library.Embedding({
  vocabulary: histories.vocabulary,
  dimension: 2,
  vectors: Float32Array.of(1, 0, 0, 1, 1, 1),
});

/** Calls from plain JavaScript, where no types stop them. */
const wrong: readonly (readonly [title: string, step: unknown, args: readonly unknown[], sentence: RegExp])[] = [
  [
    'swapped arguments',
    library.trainEmbedding,
    [{ dimension: 8 }, histories],
    /^histories must be what historiesFromRows, .* gives, got an object with dimension; call trainEmbedding\(/,
  ],
  ['no arguments', library.trainEmbedding, [], /^histories must be .*, got undefined; call trainEmbedding\(/],
  ['a promise', library.trainEmbedding, [Promise.resolve(histories)], /got a Promise; await it first; call/],
  [
    'an unknown option',
    library.trainEmbedding,
    [histories, { dimensions: 8 }],
    /^dimensions is not an option of trainEmbedding\(.*; did you mean "dimension"\?$/,
  ],
  [
    'data among the hooks',
    library.trainEmbedding,
    [histories, {}, { start: embedding }],
    /^start belongs to input, not to hooks; call trainEmbedding\(\{ histories, start, … \}, options, hooks\)$/,
  ],
  [
    'a hook among the options',
    library.trainEmbedding,
    [histories, { onProgress: () => {} }],
    /^onProgress belongs to hooks, not to options; call/,
  ],
  [
    'an unknown hook',
    library.trainEmbedding,
    [histories, {}, { onProgres: () => {} }],
    /^onProgres is not a hook of .*; did you mean "onProgress"\?$/,
  ],
  [
    'a hook that is no function',
    library.trainEmbedding,
    [histories, {}, { onProgress: 3 }],
    /^hooks must be an object/,
  ],
  ['options that are a number', library.trainEmbedding, [histories, 8], /^options must be an object of options, got 8/],
  [
    'options that are null',
    library.trainEmbedding,
    [histories, null],
    /^options must be an object of options, got null/,
  ],
  [
    'an unknown input',
    library.trainEmbedding,
    [{ histories, starts: embedding }],
    /^starts is not an input of .*"start"/,
  ],
  [
    'an embedding in place of histories',
    library.tune,
    [embedding],
    /^histories must be .*, got an Embedding; call tune\(/,
  ],
  ['an unknown option', library.backtest, [histories, { leavelast: true }], /did you mean "leaveLast"\?$/],
  ['the old shape', library.sweep, [[], []], /^input must be an object such as \{ logs, candidates \}, got a list/],
];

describe('a step', () => {
  test.each(wrong)('refuses %s: %o', async (_, step, args, sentence) => {
    expect(await refusal(step, args)).toMatch(sentence);
  });
});

/** The message of an InputError, or what happened instead. */
async function refusal(step: unknown, args: readonly unknown[]): Promise<string> {
  if (typeof step !== 'function') throw new Error('no step');
  try {
    await Reflect.apply(step, undefined, args);
    return 'accepted';
  } catch (error) {
    return error instanceof library.InputError ? error.message : String(error);
  }
}
