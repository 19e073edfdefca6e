import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pointRadius, pointRule } from '../../src/maps/point-size.js';

describe('points', () => {
  const size = { width: 1000, height: 700 };

  test('are smaller where there are more of them, within bounds', () => {
    expect(pointRadius(100, size)).toBe(pointRule.most);
    expect(pointRadius(10_000, size)).toBeLessThan(pointRadius(5000, size));
    expect(pointRadius(10_000, size)).toBeCloseTo(0.2 * 7, 10);
    expect(pointRadius(1_000_000, size)).toBe(pointRule.least);
  });

  test('grow slower than the view is enlarged, and are not smaller where it is reduced', () => {
    expect(pointRadius(10_000, size, 4)).toBeCloseTo(2 * pointRadius(10_000, size), 10);
    expect(pointRadius(10, size, 100)).toBe(pointRule.mostEnlarged);
    expect(pointRadius(10_000, size, 0.5)).toBe(pointRadius(10_000, size));
  });

  test('have one rule: pictures and the explorer call it, and the page carries its numbers', () => {
    for (const caller of ['src/report/map-panel.ts', 'explorer/src/map/renderer.ts', 'explorer/src/export-view.ts'])
      expect(readFileSync(caller, 'utf8')).toMatch(/ pointRadius\(.*size|pointRadius\(.*inner/);
    expect(readFileSync('src/report/page-data.ts', 'utf8')).toContain('point: pointRule');
    expect(readFileSync('src/report/page/canvas.js', 'utf8')).toContain('= data.point;');
  });
});
