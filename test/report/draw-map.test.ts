import { describe, expect, test } from 'vitest';
import { coloringOf } from '../../src/maps/coloring.js';
import { drawMap, type MapPicture } from '../../src/report/draw-map.js';
import { isCovered, textWidth } from '../../src/report/font.js';
import { fitPoints } from '../../src/maps/fit.js';
import { themes } from '../../src/maps/palette.js';
import { rasterize } from '../../src/report/rasterize.js';
import { vocabularyFromCounts } from '../../src/vocabulary.js';

/** Two groups of fifty points, left and right. */
function picture(labels: readonly [string, string] = ['left', 'right'], more: Partial<MapPicture> = {}): MapPicture {
  const size = 100;
  const vocabulary = vocabularyFromCounts(new Map(Array.from({ length: size }, (_, i) => [`c${i}`, size - i])));
  const values = Array.from({ length: size }, (_, i) => labels[i % 2 === 0 ? 0 : 1]);
  const coordinates = Float32Array.from({ length: size * 2 }, (_, at) => {
    const i = at >> 1;
    return at % 2 === 0 ? (i % 2 === 0 ? -5 : 5) + Math.sin(i) : Math.sin(i * 7);
  });
  const coloring = coloringOf({ vocabulary, attributes: new Map([['side', values]]) }, 'side');
  return { title: 'side: all of it', subtitle: 'a map', panels: [{ coordinates }], coloring, ...more };
}

describe('the picture', () => {
  test('names its groups in the map and in the legend, with counts', () => {
    const svg = drawMap(picture());

    expect(svg.match(/>left</g)).toHaveLength(2);
    expect(svg.match(/>right</g)).toHaveLength(2);
    expect(svg.match(/>50</g)).toHaveLength(2);
  });

  test('draws every category once', () => {
    expect(drawMap(picture()).match(/M[\d.]+ [\d.]+h0/g)).toHaveLength(100);
  });

  test('shortens a heading of half a million letters in one pass', () => {
    const svg = drawMap(
      picture(['a', 'b'], { panels: [{ heading: 'wé'.repeat(250_000), coordinates: new Float32Array(200) }] }),
    );
    // where every length was measured anew, it took longer than a test may
    expect(svg).toMatch(/>(wé){20,200}w?…</);
  });

  test('is the same text each time', () => {
    expect(drawMap(picture())).toBe(drawMap(picture()));
  });

  test.each(['</text><script>alert(1)</script>', '"><image href="x"/>', `<!--'&amp;`, '\u0000\ud800\u202e'])(
    'takes %j as text',
    (hostile) => {
      const svg = drawMap(
        picture([hostile, 'b'], {
          title: hostile,
          subtitle: hostile,
          panels: [{ heading: hostile, coordinates: new Float32Array(200) }],
        }),
      );

      expect(svg).not.toMatch(/<script|<image|<!--|\0|\u202e|&amp;amp;amp/);
      expect(() => rasterize(svg)).not.toThrow();
    },
  );

  test('stands on a dark page where one is asked for', () => {
    const svg = drawMap(picture(undefined, { theme: 'dark' }));

    expect(svg).toContain(themes.dark.page);
    expect(svg).not.toContain(themes.light.page);
  });

  test('shows two maps side by side under their headings', () => {
    const { panels } = picture();
    const svg = drawMap(
      picture(undefined, {
        panels: [
          { ...panels[0], heading: 'before' },
          { ...panels[0], heading: 'after' },
        ].map((panel) => ({ coordinates: new Float32Array(200), ...panel })),
      }),
    );

    expect(svg.match(/h0/g)).toHaveLength(200);
    expect(svg).toMatch(/>before<[^]*>after</);
  });

  test('draws a map whose points all lie in one place', () => {
    const svg = drawMap(picture(undefined, { panels: [{ coordinates: new Float32Array(200) }] }));

    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('the PNG', () => {
  test('has the width that was asked for, 16 : 9', () => {
    const png = Buffer.from(rasterize(drawMap(picture(undefined, { width: 800 }))));

    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 450]);
  });

  test('holds letters: the same picture without its title is another one', () => {
    const withTitle = rasterize(drawMap(picture()));

    expect(Buffer.from(rasterize(drawMap(picture(undefined, { title: '' })))).equals(withTitle)).toBe(false);
    expect(Buffer.from(rasterize(drawMap(picture()))).equals(withTitle)).toBe(true);
  });
});

describe('points', () => {
  test('fill their box, with one unit for both axes, and y upwards', () => {
    const points = fitPoints(Float32Array.from([0, 0, 4, 1]), { left: 10, top: 10, width: 200, height: 200 });

    expect([...points]).toEqual([10, 135, 210, 85]);
  });
});

describe('the font', () => {
  test('tells wide characters from narrow ones, and bold ones from regular', () => {
    expect(textWidth('W', 10)).toBeGreaterThan(2 * textWidth('i', 10));
    expect(textWidth('example', 10)).toBeGreaterThan(textWidth('example', 10, 'regular'));
    expect(textWidth('example', 20)).toBe(2 * textWidth('example', 10));
  });

  test('has Latin, Greek and Cyrillic, and knows what it lacks', () => {
    expect(isCovered('naïve Größe Ελλάδα Москва')).toBe(true);
    expect(isCovered('東京')).toBe(false);
  });
});
