import { describe, expect, test } from 'vitest';
import { contrast, linearLight, scaleColor, themes } from '../../src/maps/palette.js';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Machado, Oliveira and Fernandes 2009, full severity, on linear light. */
const eyes: Readonly<Record<string, Matrix>> = {
  'full color vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** Okabe and Ito's colors but black. */
const okabeIto = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'];

function times(matrix: Matrix, [x, y, z]: Triple): Triple {
  const product = (row: Triple) => row[0] * x + row[1] * y + row[2] * z;
  return [product(matrix[0]), product(matrix[1]), product(matrix[2])];
}

/** Ottosson 2020: a space in which equal distances look equally large. */
function oklab(light: Triple): Triple {
  const [l, m, s] = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    light,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)],
  );
}

function seen(color: string, eye: Matrix): Triple {
  const [red, green, blue] = times(eye, linearLight(color));
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  return oklab([clamp(red), clamp(green), clamp(blue)]);
}

function closestPair(colors: readonly string[], eye: Matrix): number {
  const points = colors.map((color) => seen(color, eye));
  const distances = points.flatMap((a, i) =>
    points.slice(i + 1).map((b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])),
  );
  return Math.min(...distances);
}

describe.each(Object.values(themes))('the $name theme', ({ values, other, missing, page, panel, ink, muted }) => {
  test.each(Object.entries(eyes))('keeps its twenty colors 0.055 apart in OKLab for %s', (_, eye) => {
    expect(values).toHaveLength(20);
    expect(closestPair(values, eye)).toBeGreaterThan(0.055);
  });

  test.each(Object.entries(eyes))('keeps values apart from "other" and from missing for %s', (_, eye) => {
    for (const gray of [other, missing]) {
      const nearest = Math.min(...values.map((value) => closestPair([value, gray], eye)));
      expect(nearest).toBeGreaterThan(0.03);
    }
  });

  test('sets text off by 4.5 : 1 and points by 2 : 1', () => {
    for (const ground of [page, panel]) {
      expect(Math.min(contrast(ink, ground), contrast(muted, ground))).toBeGreaterThan(4.5);
    }
    const scale = Array.from({ length: 33 }, (_, i) => scaleColor(i / 32));
    const points = [...values, ...scale, other, missing];
    expect(Math.min(...points.map((point) => contrast(point, page)))).toBeGreaterThan(2);
  });
});

test('the distance asked for is seven tenths of that between the closest pair of Okabe and Ito', () => {
  const least = Math.min(...Object.values(eyes).map((eye) => closestPair(okabeIto, eye)));

  expect(0.055 / least).toBeCloseTo(0.7, 1);
});

test('contrast is 21 between black and white, 1 of a color with itself', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#d55e00', '#d55e00')).toBe(1);
});

test('the continuous scale grows lighter at every step, for every eye', () => {
  for (const eye of Object.values(eyes)) {
    const lightness = Array.from({ length: 33 }, (_, i) => seen(scaleColor(i / 32), eye)[0]);

    expect(lightness).toEqual(lightness.toSorted((a, b) => a - b));
  }
});
