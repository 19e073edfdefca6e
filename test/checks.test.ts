/** Sentences with marked names: callers of the library and users of the command line read the names that they typed. */
import { describe, expect, test } from 'vitest';
import { checkInteger, InputError, joinSentences, named, sentence } from '../src/checks.js';

const asFlag = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function errorOf(act: () => unknown): InputError {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a sentence', () => {
  test('reads as the library spells its names', () => {
    const said = sentence`lower ${named('minCount')} or raise ${named('dimension')}, got ${3}`;
    expect(String(said)).toBe('lower minCount or raise dimension, got 3');
  });

  test('spells marked names alone, and never what the user gave', () => {
    const error = new InputError(sentence`${named('category')} must be a column, got ${'minCount'}`);
    expect(error.message).toBe('category must be a column, got minCount');
    expect(error.sentence.spelled(asFlag)).toBe('--category must be a column, got minCount');
  });

  test('keeps the marks of a sentence within it', () => {
    const inner = errorOf(() => checkInteger('minCount', 0, { min: 1 })).sentence;
    const outer = sentence`cannot read "a.csv": ${inner}; see ${joinSentences([named('maxHistory'), 'docs'], ' and ')}`;
    expect(outer.spelled(asFlag)).toBe(
      'cannot read "a.csv": --min-count must be a whole number ≥ 1, got 0; see --max-history and docs',
    );
  });

  test('can be about options that have other names for its reader', () => {
    const said = sentence`name it with ${named('encoding')}`.renamed(() => 'historyEncoding');
    expect(said.spelled(asFlag)).toBe('name it with --history-encoding');
  });

  test('has no marks where it was plain text', () => {
    expect(new InputError('minCount is only a word here').sentence.spelled(asFlag)).toBe(
      'minCount is only a word here',
    );
  });
});
