import { describe, expect, test } from 'vitest';
import { exp, log, pow, sigmoid, sinCosTurns, softplus } from '../../src/numerics/elementary.js';
import { Random } from '../../src/numerics/random.js';

const random = new Random(1);
const relative = (value: number, expected: number): number => Math.abs(value - expected) / Math.abs(expected);

describe('exp', () => {
  test('agrees with Math.exp to a few units in the last place', () => {
    for (let i = 0; i < 20000; i++) {
      const x = (random.uniform() - 0.5) * 1400;
      expect(relative(exp(x), Math.exp(x))).toBeLessThan(6e-16);
    }
  });
  test('reaches its limits', () => {
    expect([exp(0), exp(-800), exp(800), exp(-Infinity)]).toEqual([1, 0, Infinity, 0]);
    expect(exp(-740) / Math.exp(-740)).toBeCloseTo(1, 2);
    expect(exp(NaN)).toBeNaN();
  });
});

describe('log', () => {
  test('agrees with Math.log, and undoes exp', () => {
    for (let i = 0; i < 20000; i++) {
      const x = Math.exp((random.uniform() - 0.5) * 1400);
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(4e-16 * Math.max(1, Math.abs(Math.log(x))));
    }
    expect(log(5e-324)).toBeCloseTo(Math.log(5e-324), 10);
    expect([log(1), log(0), log(Infinity)]).toEqual([0, -Infinity, Infinity]);
  });
});

describe('pow, sigmoid and softplus', () => {
  test('agree with their definitions', () => {
    for (let i = 0; i < 2000; i++) {
      const x = random.uniform() * 1e6;
      const y = random.uniform() * 4 - 2;
      expect(relative(pow(x, y), x ** y)).toBeLessThan(2e-14);
      const z = random.uniform() * 80 - 40;
      expect(relative(sigmoid(z), 1 / (1 + Math.exp(-z)))).toBeLessThan(1e-15);
      expect(Math.abs(softplus(z) - (Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0)))).toBeLessThan(4e-15);
    }
    expect(pow(0, 0)).toBe(1);
  });
});

describe('sinCosTurns', () => {
  test('agrees with Math.sin and Math.cos', () => {
    for (let i = 0; i < 4000; i++) {
      const turns = random.uniform() * 6 - 3;
      const [sine, cosine] = sinCosTurns(turns);
      expect(Math.abs(sine - Math.sin(turns * 2 * Math.PI))).toBeLessThan(4e-15);
      expect(Math.abs(cosine - Math.cos(turns * 2 * Math.PI))).toBeLessThan(4e-15);
    }
  });
});
