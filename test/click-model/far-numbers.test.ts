import { describe, expect, test } from 'vitest';
import { FarNumbers } from '../../src/click-model/far-numbers.js';
import { impressionsFromRows } from '../../src/impressions/impressions-from-rows.js';
import { smallModel } from './small-model.js';

// the model has seen hours of mean 11.3 and deviation 0.3
const { encoder } = smallModel();
const near = Array.from({ length: 1000 }, (_, i) => 10.8 + (i % 11) / 10);

function notesOf(...pieces: readonly (readonly number[])[]): string[] {
  const far = new FarNumbers(encoder);
  for (const hours of pieces) {
    far.add(
      impressionsFromRows(
        hours.map((hour) => ({ hour })),
        { numeric: ['hour'] },
      ),
    );
  }
  return far.notes();
}

describe('FarNumbers', () => {
  test.each([
    ['in another unit', near.map((hour) => hour * 60), 'more than 32 standard deviations .* in 1,000 of 1,000 rows'],
    ['of a stand-in in some', near.map((hour, i) => (i % 20 === 0 ? -999 : hour)), 'in 50 of 1,000 rows, such as -999'],
    ['of one far beyond', near.map((hour, i) => (i === 5 ? 1e6 : hour)), 'in 1 of 1,000 rows, such as 1000000'],
  ])('tells of numbers %s', (_, hours, text) => {
    expect(notesOf(hours)).toEqual([
      expect.stringMatching(`^hour is more than .*from its mean in training \\(11.3\\)`),
    ]);
    expect(notesOf(hours)[0]).toMatch(new RegExp(text));
  });

  test('counts over all pieces, and says nothing of a few that lie some way off', () => {
    expect(notesOf(near.slice(0, 500), near.slice(500))).toEqual([]);
    expect(notesOf(near, [30, 30])).toEqual([]);
    expect(
      notesOf(
        near,
        Array.from({ length: 200 }, () => 30),
      ),
    ).toEqual([expect.stringContaining('in 200 of 1,200')]);
  });
});
