/** Small impressions for the tests. */
import type { Impressions, ListColumn } from '../../src/impressions/impressions.js';

/** Six rows: an advertiser, a position, an hour that is missing once, and a history that shares the advertisers' domain. */
export function sampleImpressions(change: Partial<Impressions> = {}): Impressions {
  const history: ListColumn = {
    name: 'history',
    domain: 'advertiser',
    codes: Int32Array.of(0, 1, 1, 3),
    times: Float64Array.of(1, 2, 3, 9),
    starts: Uint32Array.of(0, 0, 0, 0, 3, 3),
    ends: Uint32Array.of(0, 1, 2, 3, 3, 4),
  };
  return {
    count: 6,
    labels: Uint8Array.of(0, 1, 0, 1, 0, 1),
    users: Int32Array.of(0, 0, 0, 0, 1, 1),
    times: Float64Array.of(1, 2, 3, 4, 5, 10),
    domains: new Map([
      ['advertiser', ['ada', 'bob', 'cy', 'dot']],
      ['position', ['1', '2']],
    ]),
    categorical: [
      { name: 'advertiser', domain: 'advertiser', codes: Int32Array.of(0, 0, 1, 2, -1, 3) },
      { name: 'position', domain: 'position', codes: Int32Array.of(0, 1, 0, 1, 0, 1) },
    ],
    numeric: [{ name: 'hour', values: Float64Array.of(1, 3, NaN, 2, 2, 100) }],
    lists: [history],
    ...change,
  };
}
