/** The table of categories that the explorer's page is sent. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Attribute } from '../../src/embedding/embedding.js';
import { categoryTableFromBytes, categoryTableToBytes } from '../../src/formats/category-table.js';
import { Vocabulary } from '../../src/vocabulary.js';

test('brings back keys, counts and attributes of every kind, whatever their texts', () => {
  const number = fc.option(
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  );
  const row = fc.record({ count: fc.nat(), text: fc.option(fc.string()), number, truth: fc.option(fc.boolean()) });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string(), { maxLength: 20 }),
      fc.array(row, { minLength: 20, maxLength: 20 }),
      (keys, all) => {
        const rows = all.slice(0, keys.length);
        const vocabulary = new Vocabulary(
          keys,
          Float64Array.from(rows, ({ count }) => count),
        );
        const attributes = new Map<string, Attribute>([
          ['text', rows.map(({ text }) => text)],
          ['number', rows.map((each) => each.number)],
          ['truth', rows.map(({ truth }) => truth)],
        ]);

        const back = categoryTableFromBytes(categoryTableToBytes({ vocabulary, attributes }));

        expect(back.vocabulary.keys).toEqual(keys);
        expect(back.vocabulary.counts).toEqual(vocabulary.counts);
        expect(back.attributes).toEqual(attributes);
      },
    ),
  );
});

test.each([0, 7, 40])('refuses a table that is cut after %i bytes', (length) => {
  const vocabulary = new Vocabulary(['a', 'b'], Float64Array.of(2, 1));
  const bytes = categoryTableToBytes({ vocabulary, attributes: new Map([['x', [1, 2]]]) });

  expect(() => categoryTableFromBytes(bytes.subarray(0, length))).toThrow('cut short or damaged');
});
