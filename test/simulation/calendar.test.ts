import { describe, expect, test } from 'vitest';
import { calendar, hourOf, laterWeekOf, secondsAt } from '../../src/simulation/calendar.js';

describe('the calendar', () => {
  test('keeps order and days', () => {
    let before = -1;
    for (let i = 0; i <= 3000; i++) {
      const seconds = secondsAt(i / 1000);
      expect(seconds).toBeGreaterThanOrEqual(before);
      expect(Math.floor(seconds / 86_400)).toBe(Math.floor(i / 1000));
      before = seconds;
    }
  });

  test('has fewer events at night than in the evening', () => {
    const hours = Array.from({ length: 24 }, () => 0);
    for (let i = 0; i < 20_000; i++) {
      const hour = hourOf(calendar.later + secondsAt(i / 20_000));
      hours[hour] = (hours[hour] ?? 0) + 1;
    }

    expect(hours[20]).toBeGreaterThan(10 * (hours[3] ?? 0));
  });

  test('starts the later period where the earlier one ends, eight weeks on', () => {
    expect(new Date(calendar.earlier * 1000).toISOString()).toBe('2025-01-01T00:00:00.000Z');
    expect(calendar.later - calendar.earlier).toBe(8 * 7 * 86_400);
    expect([laterWeekOf(calendar.later), laterWeekOf(calendar.end - 1)]).toEqual([0, 3]);
  });
});
