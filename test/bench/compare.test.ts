import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changesBetween, describeChanges, readResults } from '../../bench/harness/compare.js';
import { ratioOfRounds } from '../../bench/harness/measure.js';

const earlier = {
  name: 'tsne',
  ratio: 7,
  machine: { processor: 'A', commit: 'abc' },
  figures: { seconds: { ours: [6, 5, 7], sklearn: [40, 41, 39] }, maps: { ours: { recall: 0.42, divergence: 1 } } },
};

/** The earlier result with other figures. */
const later = (changes: object) => ({ ...earlier, machine: { processor: 'A', commit: 'def' }, ...changes });

describe('a comparison of two runs', () => {
  test.each([
    ['a ratio that fell by more than 5 %', later({ ratio: 6.6 }), 'ratio', true],
    ['a ratio that fell by less', later({ ratio: 6.7 }), 'ratio', false],
    ['a ratio that rose', later({ ratio: 9 }), 'ratio', false],
    ['a cost that rose', later({ ratio: 9, isCost: true }), 'ratio', true],
    ['a cost that fell', later({ ratio: 5, isCost: true }), 'ratio', false],
    [
      'our seconds, by their median',
      later({ figures: { seconds: { ours: [6.5, 99, 5] } } }),
      'figures.seconds.ours',
      true,
    ],
    ['the seconds of a peer', later({ figures: { seconds: { sklearn: [60] } } }), 'figures.seconds.sklearn', false],
    ['recall that fell', later({ figures: { maps: { ours: { recall: 0.3 } } } }), 'figures.maps.ours.recall', true],
    ['divergence', later({ figures: { maps: { ours: { divergence: 1.2 } } } }), 'figures.maps.ours.divergence', true],
  ])('judges %s', (_, after, figure, isFall) => {
    expect(changesBetween(earlier, after)).toMatchObject([{ figure, isFall }]);
  });

  test('says what changed in words, and marks what became worse', () => {
    expect(describeChanges(earlier, later({ ratio: 6 }))).toEqual([
      'tsne: since abc',
      '  WORSE   −14.3 %  ratio: 7 → 6',
    ]);
    expect(describeChanges(earlier, later({}))).toEqual(['tsne: since abc: nothing changed']);
    expect(describeChanges(undefined, later({}))).toEqual(['tsne: not in the earlier run']);
    expect(describeChanges(earlier, later({ machine: { processor: 'B' }, ratio: 8 }))[0]).toBe('tsne: since abc, on A');
    expect(describeChanges(earlier, later({ isTiny: true }))[0]).toContain('tells nothing');
    expect(describeChanges(earlier, later({ skipped: 'no Chromium' }))[0]).toContain('left out');
  });

  test('reads the lines that an earlier run printed, the last of each question', () => {
    const folder = mkdtempSync(join(tmpdir(), 'category2vec bench '));
    const path = join(folder, 'result.json');
    writeFileSync(path, `${JSON.stringify({ ...earlier, ratio: 1 })}\n\n${JSON.stringify(earlier)}\n`);

    expect(readResults(path)).toEqual(new Map([['tsne', earlier]]));
    rmSync(folder, { recursive: true });
  });

  test('takes the ratio of each round of alternating runs, the median and both extremes', () => {
    expect(ratioOfRounds([10, 12, 30], [2, 2, 3])).toEqual({ ratio: 6, low: 5, high: 10 });
  });
});
