import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { simulateWorld } from '../../src/simulation/simulate-world.js';

const small = { users: 300, advertisers: 200, impressions: 5000 };

describe('a simulated world', () => {
  test('is the same for the same seed and another for another', () => {
    const clicksOf = (seed: number) => [...simulateWorld({ ...small, seed }).clicks()].map((batch) => batch.advertiser);

    expect(clicksOf(1)).toEqual(clicksOf(1));
    expect(clicksOf(1)).not.toEqual(clicksOf(2));
  });

  test('has exactly as many impressions as asked for, all after the earlier period', () => {
    const world = simulateWorld(small);
    const later = [...world.impressions()];
    const earlier = [...world.clicks(), ...world.shown()];

    expect(later.reduce((sum, { rows }) => sum + rows, 0)).toBe(5000);
    const lastEarlier = Math.max(...earlier.flatMap(({ time, rows }) => Array.from(time.subarray(0, rows))));
    const firstLater = Math.min(...later.flatMap(({ time, rows }) => Array.from(time.subarray(0, rows))));
    expect(firstLater).toBeGreaterThan(lastEarlier);
  });

  test('with movers has as many of another topic then, who are clicked for it in a next period alone', () => {
    const [still, world] = [simulateWorld(small), simulateWorld({ ...small, movers: 0.1 })];
    const { topic, laterTopic } = world.advertisers;
    const moved = Array.from(topic.keys()).filter((row) => topic[row] !== laterTopic[row]);
    const clicksOf = (one: typeof world) => [...one.clicks()].map(({ advertiser }) => advertiser);

    expect(moved).toHaveLength(20);
    expect(topic).toEqual(still.advertisers.topic);
    expect(clicksOf(world)).toEqual(clicksOf(still));
  });

  test('refuses fewer advertisers than languages', () => {
    expect(() => simulateWorld({ advertisers: 11 })).toThrow(InputError);
  });
});
