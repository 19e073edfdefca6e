/**
 * The explorer's modules that need no browser: completion, facts, questions, links, filters, selections, pairing, outlines,
 * pictures' texts.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { completions } from '../../explorer/src/complete.js';
import { csvOfRows } from '../../explorer/src/export-csv.js';
import { factsOf } from '../../explorer/src/facts.js';
import { binsOf, numberAt, rangeBetween } from '../../explorer/src/histogram.js';
import { linkFromState, stateFromLink } from '../../explorer/src/link.js';
import { boxOutline, rowsInside, simplify } from '../../explorer/src/map/outline.js';
import { viewOf } from '../../explorer/src/map/view.js';
import { meetingWarning } from '../../explorer/src/meeting.js';
import { pairPlaces } from '../../explorer/src/pairing.js';
import { escaped, legible, shortened } from '../../explorer/src/picture-text.js';
import { ask, categoriesOf, sharedNeighbors, titleOf } from '../../explorer/src/question.js';
import { passingRows, rangeText, type Range } from '../../explorer/src/range.js';
import { keysOf, marksOf, masksOf } from '../../explorer/src/selection.js';
import { placesFrom, withAttributesOf, type Space } from '../../explorer/src/space.js';
import { guessKey } from '../../explorer/src/work/attributes.js';
import { overlapsOf } from '../../explorer/src/work/overlap.js';
import { readText } from '../../explorer/src/work/text.js';
import { Embedding, type Attribute } from '../../src/embedding/embedding.js';
import { themes } from '../../src/maps/palette.js';
import { Vocabulary } from '../../src/vocabulary.js';

const flat = Float32Array.of(-1, -1, 1, -1, 1, 0.5, -1, 1);

/** Categories on a quarter of a circle, in the order of their counts. */
function spaceOf(keys: readonly string[], name = 'one', coordinates = flat): Space {
  const vectors = Float32Array.from(keys.flatMap((_, row) => [Math.sqrt(1 - (row / 9) ** 2), row / 9]));
  const vocabulary = new Vocabulary(
    keys,
    Float64Array.from(keys, (_, row) => 9000 - row),
  );
  const topic = keys.map((_, row) => (row === 0 ? '["art", "film"]' : row === 1 ? 'art' : null));
  const attributes = new Map<string, Attribute>([
    ['topic', topic],
    ['size', keys.map((_, row) => (row === 0 ? 1.234567 : NaN))],
  ]);
  const embedding = new Embedding({ vocabulary, dimension: 2, vectors, attributes });
  return {
    name,
    embedding,
    size: keys.length,
    plane: placesFrom(coordinates.slice(0, 2 * keys.length)),
    isServed: false,
  };
}

const space = spaceOf(['Bern', 'Basel', 'Chur', 'Olten']);
const other = spaceOf(['Olten', 'Bern', 'Zug'], 'two');

describe('completion', () => {
  test.each([
    ['b', ['Bern', 'Basel']],
    ['  BA ', ['Basel']],
    ['e', ['Bern', 'Basel', 'Olten']],
    ['', []],
    ['x', []],
  ])('of %j: what begins so comes first, then what holds it', (text, found) => {
    expect(completions([space], text)).toEqual(found);
  });

  test('names a category of two spaces once, and no more than were asked for', () => {
    expect(completions([space, other], 'n')).toEqual(['Bern', 'Olten']);
    expect(completions([space, other], 'b', 1)).toEqual(['Bern']);
  });
});

describe('facts', () => {
  test('are clicks and attributes; lists are taken apart and what is missing is a dash', () => {
    expect(factsOf(space, 0)).toEqual([
      ['clicks', '9,000'],
      ['topic', 'art, film'],
      ['size', '1.2346'],
    ]);
    expect(factsOf(space, 3).slice(1)).toEqual([
      ['topic', '–'],
      ['size', '–'],
    ]);
  });
});

describe('a question', () => {
  const mix = { kind: 'mix', like: ['Bern', 'Zug'], unlike: ['Olten'] } as const;

  test('leaves out what a space does not know, and says so', () => {
    const { neighbors, unknown } = ask(mix, space, 2);

    expect(unknown).toEqual(['Zug']);
    expect(neighbors.map(({ category }) => category)).toEqual(['Basel', 'Chur']);
    expect(ask({ kind: 'category', category: 'Zug' }, space, 2).neighbors).toEqual([]);
  });

  test.each([
    [{ kind: 'category', category: 'Bern' }, 'Bern', ['Bern']],
    [{ kind: 'average', categories: ['Bern', 'Chur'] }, 'Average of 2 categories', ['Bern', 'Chur']],
    [mix, 'like Bern, Zug; unlike Olten', ['Bern', 'Zug', 'Olten']],
  ] as const)('%o has a heading and names its categories', (question, title, categories) => {
    expect(titleOf(question)).toBe(title);
    expect(categoriesOf(question)).toEqual(categories);
  });

  test('of two spaces shares the neighbors that both give', () => {
    const answers = [space, other].map((each) => ask({ kind: 'category', category: 'Bern' }, each, 3));

    expect([...sharedNeighbors(answers)]).toEqual(['Olten']);
    expect(sharedNeighbors([]).size).toBe(0);
  });
});

describe('a link', () => {
  const state = {
    color: 'topic',
    hidden: ['art & film', 'x=1'],
    question: { kind: 'mix', like: ['Bern'], unlike: ['Chur'] },
    like: ['Bern'],
    unlike: ['Chur'],
    k: 25,
    layout: 'tsne',
    views: [
      { x: 0.25, y: -1.5, scale: 4 },
      { x: 0, y: 0, scale: 1 },
    ],
    lasso: { space: 1, layout: 'pca', outline: boxOutline({ x: 0, y: 0 }, { x: 0.5, y: 0.25 }) },
    ranges: new Map([
      ['size, in cm', { low: 1.5, high: Infinity }],
      ['clicks', { low: -Infinity, high: 300 }],
    ]),
    isolated: new Set(['Bern', 'a&b']),
  } as const;

  test('gives back the state that it was made of', () => {
    expect(stateFromLink(`#${linkFromState(state)}`)).toEqual(state);
  });

  test.each([
    '',
    '#',
    '#k=0&view0=a,b&lasso=7,1,2&map=globe&lassoMap=x',
    '#k=1e9&view0=0,0,-1&lasso=0,1,2,3&range=x,1,size&range=1',
  ])('that says nothing, or says it wrongly, opens the page as at first: %j', (text) => {
    expect(stateFromLink(text)).toEqual({
      color: undefined,
      hidden: [],
      question: undefined,
      like: [],
      unlike: [],
      k: 10,
      layout: undefined,
      views: [
        { x: 0, y: 0, scale: 1 },
        { x: 0, y: 0, scale: 1 },
      ],
      lasso: undefined,
      ranges: new Map(),
      isolated: undefined,
    });
  });

  test('leaves out more isolated categories than an address can hold', () => {
    const isolated = new Set(Array.from({ length: 201 }, (_, i) => `c${i}`));

    expect(stateFromLink(linkFromState({ ...state, isolated })).isolated).toBeUndefined();
  });
});

describe('a filter', () => {
  const clicks = (): Float64Array => Float64Array.of(5, 50, NaN, 500);
  const passing = (ranges: Readonly<Record<string, Range>>, isolated?: readonly string[]) =>
    passingRows(
      space,
      { ranges: new Map(Object.entries(ranges)), isolated: isolated === undefined ? undefined : new Set(isolated) },
      clicks,
    );

  test.each([
    ['both ends', { clicks: { low: 5, high: 50 } }, undefined, [1, 1, 0, 0]],
    ['an open end', { clicks: { low: 6, high: Infinity } }, undefined, [0, 1, 0, 1]],
    ['two ranges', { clicks: { low: 5, high: 60 }, other: { low: 6, high: 600 } }, undefined, [0, 1, 0, 0]],
    ['isolated categories', {}, ['Chur', 'Basel', 'nowhere'], [0, 1, 1, 0]],
    ['both', { clicks: { low: 0, high: 1e9 } }, ['Chur', 'Basel'], [0, 1, 0, 0]],
  ])('keeps what lies in %s; a missing number lies in no range', (_, ranges, isolated, rows) => {
    expect(Array.from(passing(ranges, isolated) ?? [])).toEqual(rows);
  });

  test('is none where nothing is asked', () => {
    expect(passing({})).toBeUndefined();
  });

  test.each([
    [{ low: 100, high: 500.5 }, 'budget 100 to 500.5'],
    [{ low: -Infinity, high: 1500 }, 'budget up to 1,500'],
    [{ low: 0.25, high: Infinity }, 'budget from 0.25'],
  ])('says %j in words', (range, text) => {
    expect(rangeText('budget', range)).toBe(text);
  });

  test('marks what is selected and what is left out, and neighbors come from the others alone', () => {
    expect(Array.from(marksOf(Uint8Array.of(1, 0, 1, 0), Uint8Array.of(1, 1, 0, 0)) ?? [])).toEqual([1, 0, 2, 2]);
    const { neighbors } = ask({ kind: 'category', category: 'Bern' }, space, 3, ['Basel']);

    expect(neighbors.map(({ category }) => category).toSorted()).toEqual(['Chur', 'Olten']);
  });
});

describe('a histogram', () => {
  const axis = { low: 1, high: 100, isLogarithmic: true };

  test('counts numbers by their place on the scale, those beyond an end at it', () => {
    expect(Array.from(binsOf(axis, Float64Array.of(0.5, 1, 9, 11, 99, 1000, NaN), 2))).toEqual([3, 3]);
    expect(numberAt(axis, 0.5)).toBe(10);
  });

  test('gives the range between two places, open where one is an end', () => {
    expect(rangeBetween(axis, 1, 0.5)).toEqual({ low: 10, high: Infinity });
    expect(rangeBetween({ low: 0, high: 10, isLogarithmic: false }, 0.2, 0.7)).toEqual({ low: 2, high: 7 });
  });
});

test('the page has the grays of report and map', () => {
  const [light = '', dark = ''] = readFileSync('explorer/src/page.css', 'utf8').split('prefers-color-scheme: dark');
  const pairs = [
    [light, themes.light],
    [dark, themes.dark],
  ] as const;
  for (const [css, { page, panel, ink, muted, line }] of pairs) {
    const found = ['sheet', 'ground', 'ink', 'soft', 'line'].map(
      (name) => new RegExp(`--${name}: (#\\w+)`).exec(css)?.[1],
    );

    expect(found).toEqual([page, panel, ink, muted, line]);
  }
});

test('a view is filled by the points it is made for', () => {
  const coordinates = Float32Array.of(0.2, 0.2, 0.4, 0.3, -1, -1);

  expect(viewOf({ coordinates, reach: { x: 1, y: 1 } }, Int32Array.of(0, 1))).toEqual({
    x: expect.closeTo(0.3),
    y: expect.closeTo(0.25),
    scale: expect.closeTo(8.5),
  });
  expect(viewOf({ coordinates, reach: { x: 1, y: 1 } }, new Int32Array())).toEqual({ x: 0, y: 0, scale: 1 });
});

describe('a selection', () => {
  const selection = { space: 0, rows: Int32Array.of(0, 3), outline: [], layout: 'pca' } as const;

  test('is found in the other space by key', () => {
    expect(keysOf(selection, [space, other])).toEqual(['Bern', 'Olten']);
    expect(masksOf(selection, [space, other])).toEqual([Uint8Array.of(1, 0, 0, 1), Uint8Array.of(1, 1, 0)]);
    expect(masksOf(undefined, [space])).toEqual([undefined]);
  });

  test('is saved as CSV, with quotes where a field needs them', () => {
    const odd = spaceOf(['a,b', 'say "c"']);
    const [head, first, second] = csvOfRows(odd, odd.plane, Int32Array.of(0, 1)).split('\r\n');

    expect(head).toBe('category,count,topic,size,x,y');
    expect(first).toMatch(/^"a,b",9000,"\[""art"", ""film""\]",1\.234567,/);
    expect(second).toMatch(/^"say ""c""",8999,art,,/);
  });

  test('of an outline holds the admitted points inside', () => {
    const box = boxOutline({ x: 0, y: -2 }, { x: 2, y: 2 });

    expect([...rowsInside(box, flat, () => true)]).toEqual([1, 2]);
    expect([...rowsInside(box, flat, (row) => row !== 1)]).toEqual([2]);
    expect(simplify(Array.from({ length: 1000 }, (_, i) => ({ x: i, y: 0 })))).toHaveLength(80);
  });
});

describe('two embeddings', () => {
  test('meet by key; below one half there is a warning', () => {
    expect(meetingWarning([space, other])).toBeUndefined();
    expect(meetingWarning([space])).toBeUndefined();
    expect(meetingWarning([space, spaceOf(['bern', 'X', 'Y'], 'three')])).toMatch(/^only 0 of 3 .*"bern".*case/);
  });

  test('have the same map where one is the other turned, mirrored and scaled', () => {
    const turned = Float32Array.from(flat, (_, i) => 3 * (flat[i % 2 === 0 ? i + 1 : i - 1] ?? 0));
    const twin = spaceOf(['Bern', 'Basel', 'Chur', 'Olten'], 'twin', turned);
    const { places, shared } = pairPlaces([space, twin], space.plane, twin.plane);

    expect(shared).toBe(4);
    places.coordinates.forEach((x, i) => expect(x).toBeCloseTo(space.plane.coordinates[i] ?? NaN, 4));
  });

  test('overlap where the neighbors are the same; a category of one alone has no figure', async () => {
    expect([...(await overlapsOf([space.embedding, space.embedding], 2, () => {}))]).toEqual([2, 2, 2, 2]);
    expect([...(await overlapsOf([space.embedding, other.embedding], 3, () => {}))]).toEqual([1, NaN, NaN, 1]);
  });
});

describe('a table of attributes', () => {
  test('is joined by key, and what it knows is told', () => {
    const told: string[] = [];
    const table = new Map([['lake', new Map([['Chur', 'no']])]]);
    const joined = withAttributesOf(space, table, 'lakes.csv', (sentence) => told.push(sentence));

    expect(joined.embedding.attributes.get('lake')).toEqual([null, null, 'no', null]);
    expect(told.join()).toMatch(/^(Only )?1 of 4 categories of one are in lakes\.csv/);
  });

  test('has its key in the column whose values are categories', () => {
    const isCategory = (key: string) => space.embedding.vocabulary.rowOf(key) !== undefined;

    expect(guessKey('lake,town\nno,Bern\nyes,Zug\nno,Ch', 'x.csv', isCategory)).toEqual({
      column: 'town',
      share: 0.5,
      isUnique: true,
    });
  });

  test('is read as UTF-8; other bytes are named by their line', async () => {
    expect(await readText(new Blob(['a\nß']))).toBe('a\nß');
    await expect(readText(new Blob([Uint8Array.of(97, 10, 0xff)]))).rejects.toThrow(/2 .*not UTF-8/);
    await expect(readText(new Blob(['a\n\nb\0']))).rejects.toThrow(/3 .*NUL/);
  });
});

describe('a text of a picture', () => {
  test('holds what XML can hold, and is cut between characters', () => {
    expect(legible('a\u0001\ud800b')).toBe('a\ufffd\ufffdb');
    expect(escaped('<a & "b">')).toBe('&#60;a &#38; &#34;b&#34;&#62;');
    expect(shortened('🙂🙂🙂', 2)).toBe('🙂…');
    expect(shortened('abc', 3)).toBe('abc');
  });
});
