import { describe, expect, test } from 'vitest';
import { optionEffects } from '../../src/experiments/tune-effects.js';

describe('optionEffects', () => {
  test('gives nearly all of the variance to the option that decides, and none to one that does not', () => {
    const trials = Array.from({ length: 24 }, (_, i) => ({
      setting: { epochs: [5, 10, 20][i % 3] ?? 5, negatives: [5, 10][Math.floor(i / 3) % 2] ?? 5 },
      score: (i % 3) * 0.1 + ((i * 7) % 5) * 0.001,
    }));
    const [first, second] = optionEffects(trials);
    expect(first?.option).toBe('epochs');
    expect(first?.explained).toBeGreaterThan(0.95);
    expect(second).toEqual({ option: 'negatives', explained: 0 });
  });

  test('frees the scores of the model before it looks at the options of one', () => {
    const trials = Array.from({ length: 16 }, (_, i) => ({
      setting: i % 2 === 0 ? { model: 'pooled' as const, epochs: 5 } : { model: 'cbow' as const, epochs: 10 },
      score: i % 2 === 0 ? 0.9 : 0.1,
    }));
    const effects = new Map(optionEffects(trials).map(({ option, explained }) => [option, explained]));
    expect(effects.get('model')).toBeGreaterThan(0.99);
    expect(effects.get('epochs')).toBe(0);
  });

  test('says nothing of a handful of trials', () => {
    expect(
      optionEffects([
        { setting: { epochs: 5 }, score: 1 },
        { setting: { epochs: 9 }, score: 0 },
      ]),
    ).toEqual([]);
  });
});
