import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import {
  describeMatch,
  GatheredKeys,
  matchKeys,
  matchToJson,
  matchWarning,
  meetEither,
  partnersAmong,
  type KeyMatch,
} from '../../src/embedding/key-match.js';

const names = { keys: 'users of impressions.csv', partner: 'clicks.csv' };
const numbered = (count: number, spell: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => spell(i));

describe('a join by key', () => {
  test('tells the share of the keys that have found a partner', () => {
    const match = matchKeys(['a', 'b', 'c', 'd'], partnersAmong(['a', 'b', 'c', 'x']), names);

    expect(match).toEqual({ ...names, distinct: 4, matched: 3, share: 0.75 });
    expect(describeMatch(match)).toBe('3 of 4 users of impressions.csv are in clicks.csv (75.0 %)');
    expect(matchWarning(match)).toBeUndefined();
    expect(matchToJson(match)).toEqual({ ...names, distinct: 4, matched: 3, share: 0.75 });
  });

  test('warns where most keys are known but most rows hold one that is not, also in pieces', () => {
    const known = partnersAmong(['a', 'b', 'c']);
    const match = matchKeys(['a', 'b', 'c', 'rare', 'new'], known, names, { counts: [10, 20, 10, 2, 60] });
    const gathered = new GatheredKeys();
    gathered.add(['a', 'new'], known, names, { counts: [4, 30] });
    gathered.add(['rare', 'new', 'b', 'c', 'a'], known, names, { counts: [2, 30, 20, 10, 6] });
    const warning =
      'users of impressions.csv are in clicks.csv in only 40 of 102 rows (39.2 %), though 3 of the 5 distinct ones are: ' +
      '"new" is not';
    expect(matchWarning(match)).toBe(warning);
    expect(gathered.matches().map(matchWarning)).toEqual([warning]);
    expect(matchToJson(match)).toMatchObject({
      inPlaces: { all: 102, matched: 40, share: 40 / 102 },
      unmatched: 'new',
    });
    expect(matchWarning(matchKeys(['a', 'b', 'new'], known, names, { counts: [30, 30, 60] }))).toBeUndefined();
  });

  test('warns below one half, and not at it', () => {
    const share = (matched: number): KeyMatch =>
      matchKeys(
        numbered(10, (i) => `${i}`),
        partnersAmong(numbered(matched, (i) => `${i}`)),
        names,
      );

    expect(matchWarning(share(5))).toBeUndefined();
    expect(matchWarning(share(4))).toBe('only 4 of 10 users of impressions.csv are in clicks.csv (40.0 %): "4" is not');
  });

  test.each([
    ['5.0', '5', 'a trailing .0'],
    ['5', '5.0', 'a trailing .0'],
    ['-7', '-7.000', 'a trailing .0'],
    ['Bern', 'bern', 'case'],
    ['STRASSE', 'straße', 'case'],
    [' bern', 'bern', 'spaces'],
    ['bern\u00a0', 'bern', 'spaces'],
    ['caf\u00e9', 'cafe\u0301', 'Unicode normalization'],
    ['１２', '12', 'Unicode normalization'],
    [' Bern ', 'bern', 'spaces and case'],
    [' 5.0', '5', 'spaces and a trailing .0'],
  ])('shows %j beside %j, which differ by %s', (key, known, by) => {
    const { respelled, unmatched } = matchKeys(['other', key], partnersAmong(['else', known]), names);

    expect(unmatched).toBe('other');
    expect(respelled).toEqual({ key, known, by });
  });

  test('is refused where 20 keys or more have no partner and one would have if it were spelled alike', () => {
    const join = (count: number) => () =>
      matchKeys(
        numbered(count, (i) => `${i}.0`),
        partnersAmong(['7']),
        names,
      );

    expect(join(20)).toThrow(InputError);
    expect(join(20)).toThrow(
      'users of impressions.csv must be spelled as in clicks.csv, got none of 20 that is: "7.0" is not, "7" ' +
        'is, and they differ by a trailing .0 alone; write both alike',
    );
    expect(matchWarning(join(19)())).toMatch(/^only 0 of 19 .*"7\.0" is not, "7" is/);
  });

  test.each([
    ['keys are truly new', numbered(50, (i) => `new ${i}`), ['7']],
    ['one key has a partner', [...numbered(50, (i) => `${i}.0`), '7'], ['7', '8']],
    ['numbers differ', numbered(50, (i) => `${i}.5`), numbered(50, (i) => `${i}`)],
    ['versions differ', numbered(50, (i) => `1.${i}.0`), numbered(50, (i) => `1.${i}`)],
  ])('is a warning and no error where %s', (_, keys, known) => {
    expect(matchWarning(matchKeys(keys, partnersAmong(known), names))).toMatch(/^only /);
  });

  test('of nothing is whole', () => {
    expect(matchWarning(matchKeys([], partnersAmong(['a']), names))).toBeUndefined();
  });

  test('of two dictionaries is judged by the smaller one', () => {
    const matches: KeyMatch[] = [];
    const side = (name: string, own: readonly string[]) => ({ keys: `values of ${name}`, partner: name, own });
    meetEither(
      side(
        'ad',
        numbered(30, (i) => `${i}`),
      ),
      side('history', ['1', '2']),
      { onKeys: (match) => matches.push(match) },
    );

    expect(matches.map(describeMatch)).toEqual(['2 of 2 values of history are in ad (100 %)']);
  });

  test('of pieces is judged once, over all of them', () => {
    const gathered = new GatheredKeys();
    const known = partnersAmong(['1', '2']);
    gathered.add(
      numbered(30, (i) => `${i}.0`),
      known,
      names,
    );
    gathered.add(['1', '1.0'], known, names);

    expect(gathered.matches().map(({ distinct, matched }) => ({ distinct, matched }))).toEqual([
      { distinct: 31, matched: 1 },
    ]);
  });

  test('says that there are no keys at all', () => {
    const names = { keys: 'values of ad', partner: 'the model' };
    const match = matchKeys([], partnersAmong(['a']), names);
    expect(describeMatch(match)).toBe('there are no values of ad, to be found in the model');
  });
});
