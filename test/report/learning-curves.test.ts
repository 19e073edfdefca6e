import { describe, expect, test } from 'vitest';
import { drawLearningCurves } from '../../src/report/learning-curves.js';

const point = (share: number, value: number) => ({ share, value, low: value - 0.01, high: value + 0.01 });
const curves = [
  { name: 'scratch', points: [point(0.1, 0.6), point(1, 0.79)] },
  { name: '<init>', points: [point(0.1, 0.73), point(1, 0.8)] },
];

describe('learning curves', () => {
  test('put a higher value higher, a larger share further right, and name every curve', () => {
    const svg = drawLearningCurves({ title: 'T', measure: 'AUC', curves, best: { name: 'best', value: 0.82 } });
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="4"\/>/g)].map(([, x, y]) => ({
      x: Number(x),
      y: Number(y),
    }));
    expect(dots).toHaveLength(4);
    const [low, high, other] = dots;
    expect(low?.x).toBeLessThan(high?.x ?? 0);
    expect(low?.y).toBeGreaterThan(high?.y ?? 0);
    expect(other?.y).toBeLessThan(low?.y ?? 0);
    expect(svg).toContain('&lt;init&gt;');
    expect(svg).toContain('stroke-dasharray');
    expect(svg).not.toContain('NaN');
  });

  test('draw a single share, and values that are all alike', () => {
    const one = drawLearningCurves({
      title: 'T',
      measure: 'AUC',
      curves: [{ name: 'a', points: [{ share: 1, value: 0.5, low: 0.5, high: 0.5 }] }],
    });
    expect(one).not.toContain('NaN');
  });

  test('take the colors of the page that they stand on, and keep names and points within a narrow one', () => {
    const colors = { page: 'none', ink: 'var(--ink)', muted: 'var(--muted)', line: 'var(--line)' };
    const named = curves.map((curve) => ({ ...curve, color: 'var(--own)' }));
    const svg = drawLearningCurves({
      title: 'A & B',
      measure: 'AUC',
      curves: named,
      colors,
      width: 358,
      height: 440,
      isTitled: false,
    });
    const places = Array.from(svg.matchAll(/c?x="([\d.]+)" c?y="([\d.]+)"/g), ([, x, y]) => [Number(x), Number(y)]);

    expect(svg).not.toMatch(/#[\da-f]{6}/);
    expect(svg).toContain('role="img" aria-label="A &amp; B"');
    expect(svg).not.toContain('>A &amp; B<');
    expect(places.every(([x = 999, y = 999]) => x < 320 && y < 440)).toBe(true);
  });
});
