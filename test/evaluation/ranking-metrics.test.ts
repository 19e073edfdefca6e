import { describe, expect, test } from 'vitest';
import { rankingGains } from '../../src/evaluation/ranking-metrics.js';

describe('rankingGains', () => {
  test.each([
    [0, 1, 1, 1],
    [1, 1, 0.6309297535714575, 1],
    [9.5, 1, 1 / Math.log2(11.5), 1],
    [10, 0, 0, 1],
    [19.5, 0, 0, 1],
    [20, 0, 0, 0],
    [Infinity, 0, 0, 0],
  ])('rank %d is worth HR10 %d, NDCG10 %d, R20 %d', (rank, hit, gain, recall) => {
    expect(rankingGains.HR10(rank)).toBe(hit);
    expect(rankingGains.NDCG10(rank)).toBeCloseTo(gain, 14);
    expect(rankingGains.R20(rank)).toBe(recall);
  });
});
