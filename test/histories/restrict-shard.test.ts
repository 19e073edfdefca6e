import { expect, test } from 'vitest';
import { restrictShard } from '../../src/histories/sharded-log.js';

test.each([true, false])('sets in one pass are those of the general way, with keepSingles %s', (keepSingles) => {
  let state = 7;
  const draw = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  const rowOf = Int32Array.from({ length: 90 }, (_, place) => (place % 4 === 1 ? -1 : (place * 37) % 90));
  const lengths = Array.from({ length: 400 }, () => 1 + draw(draw(5) === 0 ? 70 : 6));
  const offsets = Uint32Array.from([0, ...lengths]);
  for (let h = 1; h < offsets.length; h++) offsets[h] = (offsets[h] ?? 0) + (offsets[h - 1] ?? 0);
  const items = Int32Array.from({ length: offsets.at(-1) ?? 0 }, () => draw(draw(3) === 0 ? 3 : 90));
  const shape = { isOrdered: false, keepSingles };
  const sets = { items: items.slice(), offsets, times: undefined, weights: undefined };
  const general = restrictShard({ ...sets, items, times: new Float64Array(items.length) }, rowOf, shape);

  expect(restrictShard(sets, rowOf, shape)).toEqual({ ...general, times: undefined });
  expect(general.offsets.length).toBeLessThan(offsets.length);
});
