/** An engine that a newcomer adds: it groups clicks in its own way, and ends where every reader ends. */
import { finishHistories } from '../../src/histories/build-histories.js';
import type { Histories } from '../../src/histories/histories.js';

/** Histories of a text such as `u1:a u1:b u2:b`, users in byte order. */
export function pairsEngine(text: string): Histories {
  const pairs = text.split(' ').map((pair) => pair.split(':') as [string, string]);
  const categoryKeys = [...new Set(pairs.map(([, category]) => category))].sort();
  const users = [...new Set(pairs.map(([user]) => user))].sort();
  const ofUsers = users.map((user) =>
    pairs.filter(([other]) => other === user).map(([, key]) => categoryKeys.indexOf(key)),
  );
  const ends = ofUsers.map((_, user) => ofUsers.slice(0, user + 1).flat().length);
  return finishHistories(
    {
      categories: Int32Array.from(ofUsers.flat()),
      times: undefined,
      weights: undefined,
      offsets: Uint32Array.of(0, ...ends),
      users: undefined,
      dropped: { repeats: 0, maxHistory: 0, clicksPerCategory: 0 },
    },
    { categoryKeys, filters: { minCount: 1, minHistories: 1 }, droppedBefore: { missing: 0, where: 0 } },
  );
}
