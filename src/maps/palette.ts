/**
 * Colors that readers with and without red-green vision can tell apart: Okabe and Ito's, carried on to twenty, for
 * light and dark pages.
 */

import { pow } from '../numerics/elementary.js';

/** Which page a picture stands on. */
export type ThemeName = 'light' | 'dark';

/** Colors of one theme, as `#rrggbb`. */
export interface Theme {
  readonly name: ThemeName;
  readonly page: string;
  readonly panel: string;
  /** text; at least 4.5 : 1 on page and panel, as is `muted` */
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  /** twenty values, the most frequent first */
  readonly values: readonly string[];
  /** everything after the twentieth value */
  readonly other: string;
  /** no value at all */
  readonly missing: string;
}

/**
 * The two themes.
 *
 * The first six values are Okabe and Ito's (https://jfly.uni-koeln.de/color/). The others were searched for: with full
 * vision, without red cones and without green cones (Machado et al. 2009) any two of the twenty lie at least 0.055
 * apart in OKLab; Okabe and Ito's own closest pair lies 0.076 apart. Every value, the scale and the grays stand out
 * from their page by 2 : 1 or more.
 */
export const themes: Readonly<Record<ThemeName, Theme>> = {
  light: {
    name: 'light',
    page: '#ffffff',
    panel: '#f8f9fb',
    ink: '#1b1f27',
    muted: '#575e6b',
    line: '#d9dde4',
    values: colors(
      '#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #5d0017 #8b68ff #465100 #ae005d',
      '#2ed174 #000097 #ff465d #0c468b #805d23 #512ec5 #748bd1 #510068 #c52ea2 #ae515d',
    ),
    other: '#878e95',
    missing: '#aeb3b8',
  },
  dark: {
    name: 'dark',
    page: '#15181d',
    panel: '#1b1f26',
    ink: '#eceff4',
    muted: '#a8b0bd',
    line: '#353b46',
    values: colors(
      '#56b4e9 #e69f00 #009e73 #cc79a7 #f0e442 #d55e00 #2e68b9 #5dffe8 #ffb9b9 #7468e8',
      '#17dc8b #ff5d5d #975d46 #8bdcff #a23aa2 #0097ff #978bd1 #976897 #ff8bc5 #a2ff97',
    ),
    other: '#7b828f',
    missing: '#535a67',
  },
};

function colors(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}

/**
 * The middle half of viridis at five even steps (van der Walt and Smith 2015, matplotlib): even in lightness, so that
 * it also reads in gray. Its ends would vanish, the dark one on a dark page and the bright one on a light page.
 */
const viridis = ['#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962'] as const;

/**
 * A color of the continuous scale.
 *
 * @param share - from 0 (least) to 1 (most); clamped
 */
export function scaleColor(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (viridis.length - 1);
  const low = Math.min(viridis.length - 2, Math.floor(at));
  return mix(viridis[low] ?? viridis[0], viridis[low + 1] ?? viridis[4], at - low);
}

/** Contrast of two colors, from 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((bright ?? 0) + 0.05) / ((dim ?? 0) + 0.05);
}

/** Red, green and blue in linear light, each from 0 to 1. */
export function linearLight(color: string): readonly [number, number, number] {
  const [red, green, blue] = channels(color).map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : pow((value / 255 + 0.055) / 1.055, 2.4),
  );
  return [red ?? 0, green ?? 0, blue ?? 0];
}

function luminance(color: string): number {
  const [red, green, blue] = linearLight(color);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(from: string, to: string, share: number): string {
  const end = channels(to);
  const mixed = channels(from).map((value, i) => Math.round(value + ((end[i] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}
