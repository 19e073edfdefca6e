/** Holding out of a log in shards: the questions, the log without their answers, and its known sets, shard by shard. */
import {
  AnswerChooser,
  drawQuestions,
  hasOneTimeEach,
  keepAllBut,
  keepBefore,
  knownSets,
  nothingToAsk,
  placeOfCut,
  protocolOf,
  questions,
  type Asked,
  type HeldOut,
  type HoldOutOptions,
  type KnownSets,
} from './hold-out.js';
import type { Histories } from './histories.js';
import type { PreparedLog, PreparedShape } from './prepared-log.js';
import type { Shard } from './shard.js';
import { shardsInOrder } from './shards-in-order.js';
import { openShardedLog, restrictShard, type ShardedLog } from './sharded-log.js';
import { timeOfRank } from './time-of-rank.js';

/** What was held out of a log in shards. Rows are those of the whole log's vocabulary. */
export interface HeldOutShards
  extends Asked, Pick<HeldOut, 'protocol' | 'cutTime' | 'unasked' | 'tiedShare'>, Pick<Histories, 'timeSpan'> {
  /** the whole log */
  readonly whole: ShardedLog;
  /** the log without what is asked for */
  readonly known: PreparedLog;
}

/** How a log in shards is held out of. */
export interface HoldOutShardsOptions extends HoldOutOptions, Pick<PreparedShape, 'isOrdered' | 'signal'> {}

const batch = 2048;

/**
 * The same questions as `holdOut` asks of the log in memory. Memory holds a shard, the known sets of the questions, and
 * where one category of each history is asked for, four bytes for each history.
 *
 * @throws InputError as `holdOut`, and for a shard that cannot be read
 */
export async function holdOutOfShards(log: PreparedLog, options: HoldOutShardsOptions): Promise<HeldOutShards> {
  const { isOrdered = false, signal } = options;
  const { manifest } = log;
  const { cut, leaveLast, maxQueries, seed, isCut } = protocolOf(options, manifest.hasTimes);
  const whole = await openShardedLog(log, { isOrdered, signal, keepSingles: true, minCount: 1, minHistories: 1 });
  const rowOf = Int32Array.from(log.categoryKeys, (key) => whole.vocabulary.rowOf(key) ?? -1);
  const cutTime = isCut ? await timeOfCut(log, cut ?? 0.9, signal) : undefined;
  const divided: Divided = { log, whole, rowOf, isOrdered, leaveLast, seed, cutTime, signal };
  const answers = cutTime === undefined ? manifest.shards.map(({ histories }) => new Int32Array(histories)) : undefined;
  const first = await ask(divided, { most: maxQueries, answers });
  if (first.knownClicks === 0 || first.asked === 0) {
    throw nothingToAsk({ isCut, hasOneTimeEach: isCut && first.hasOneTimeEach });
  }
  const drawn = drawQuestions(first.asked, maxQueries, seed);
  const { found } = drawn === undefined ? first : await ask(divided, { most: maxQueries, drawn });
  const known = knownLog(divided, { answers, clicks: first.keptClicks });
  return {
    ...compact(found, whole),
    whole,
    known,
    protocol: isCut ? 'cut' : leaveLast ? 'last' : 'drawn',
    cutTime,
    unasked: first.unasked,
    tiedShare: first.tiedShare,
    timeSpan: whole.timeSpan,
    all: {
      counts: first.counts,
      visit: async (visitor) => {
        for (let index = 0; index < manifest.shards.length; index++) {
          // oxlint-disable-next-line no-await-in-loop -- memory holds one shard
          const shard = await known.readShard(index, signal);
          const part = restrictShard(shard, rowOf, { isOrdered, keepSingles: true });
          visitor(knownSets(part, new Uint8Array(part.items.length).fill(1)));
        }
      },
    },
  };
}

interface Divided {
  readonly log: PreparedLog;
  readonly whole: ShardedLog;
  readonly rowOf: Int32Array;
  readonly isOrdered: boolean;
  readonly leaveLast: boolean;
  readonly seed: number;
  /** undefined where one category of each history is asked for */
  readonly cutTime: number | undefined;
  readonly signal: AbortSignal | undefined;
}

async function timeOfCut(log: PreparedLog, cut: number | Date, signal: AbortSignal | undefined): Promise<number> {
  const { hasTimes, clicks, timeSpan } = log.manifest;
  const place = placeOfCut({ timeSpan: timeSpan ?? undefined, clicks: hasTimes ? clicks : undefined }, cut);
  return 'time' in place ? place.time : timeOfRank(log, place.rank, signal);
}

/** Questions that were found, with what their histories know. */
interface Found {
  readonly answers: number[];
  /** place of each question's history among those below */
  readonly histories: number[];
  readonly known: Int32Array[];
  readonly users: number[];
  /** place of the last history among all */
  last: number;
}

/**
 * Goes over all histories in the order of their keys, as holding out in memory does.
 *
 * @param drawn - which questions are kept, ascending; default the first `most`
 * @param answers - filled in with the place of each history's answer among the keys, −1 for none
 */
async function ask(
  { log, whole, rowOf, isOrdered, leaveLast, seed, cutTime, signal }: Divided,
  {
    most,
    drawn,
    answers,
  }: { readonly most: number; readonly drawn?: Int32Array; readonly answers?: Int32Array[] | undefined },
) {
  const { vocabulary } = whole;
  const { hasSessions, areRows, hasTimes } = log.manifest;
  const chooser = new AnswerChooser({ vocabulary, isOrdered, times: undefined, hasTimes }, { isLast: leaveLast, seed });
  const placeOf = Int32Array.from(vocabulary.keys, () => 0);
  rowOf.forEach((row, place) => (placeOf[row] = place));
  const counts = new Float64Array(vocabulary.size);
  const found: Found = { answers: [], histories: [], known: [], users: [], last: -1 };
  const next = new Uint32Array(log.manifest.shards.length);
  const sums = { asked: 0, unasked: 0, knownClicks: 0, keptClicks: 0, hasOneTimeEach: true };
  let user = -1;
  let before: string | undefined;
  let draw = 0;
  let first = 0;
  for await (const merged of shardsInOrder(log, { size: batch, signal })) {
    const part = { ...restrictShard(merged, rowOf, { isOrdered, keepSingles: true }), keys: lotKeys(merged, areRows) };
    const chosen = cutTime === undefined ? chooser.choose(part) : undefined;
    const isKnown = chosen === undefined ? keepBefore(part, cutTime ?? 0) : keepAllBut(part, chosen);
    chosen?.forEach((row, h) => {
      const shard = merged.from[h] ?? 0;
      const at = next[shard] ?? 0;
      if (answers?.[shard] !== undefined) answers[shard][at] = row < 0 ? -1 : (placeOf[row] ?? -1);
      next[shard] = at + 1;
    });
    const known = knownSets(part, isKnown);
    const asked = questions(part, isKnown, known);
    const users = Int32Array.from(merged.keys, (key) => {
      if (!hasSessions || key !== before) user++;
      before = key;
      return user;
    });
    for (const item of known.knownItems) counts[item] = (counts[item] ?? 0) + 1;
    asked.answers.forEach((answer, i) => {
      const isWanted = drawn === undefined ? found.answers.length < most : drawn[draw] === sums.asked + i;
      if (!isWanted) return;
      draw++;
      addFound(found, answer, { known, history: asked.queryHistories[i] ?? 0, users, first });
    });
    first += merged.keys.length;
    sums.asked += asked.answers.length;
    sums.unasked += asked.unasked;
    sums.knownClicks += known.knownItems.length;
    sums.keptClicks += isKnown.reduce((sum, bit) => sum + bit, 0);
    sums.hasOneTimeEach &&= hasOneTimeEach(part);
  }
  return { ...sums, counts, found, tiedShare: chooser.tiedShare };
}

/** Keys that draw lots: a history without one stands for itself with its place. */
function lotKeys({ keys }: Shard, areRows: boolean): readonly string[] {
  return areRows ? keys.map((key) => String(Number(key))) : keys;
}

function addFound(
  found: Found,
  answer: number,
  {
    known,
    history,
    users,
    first,
  }: { readonly known: KnownSets; readonly history: number; readonly users: Int32Array; readonly first: number },
): void {
  // questions of one history share its known set
  if (found.last !== first + history) {
    found.last = first + history;
    found.known.push(known.knownItems.slice(known.knownOffsets[history], known.knownOffsets[history + 1]));
    found.users.push(users[history] ?? 0);
  }
  found.histories.push(found.known.length - 1);
  found.answers.push(answer);
}

/** The questions as ranking takes them: histories are those that are asked. */
function compact({ answers, histories, known, users }: Found, { vocabulary }: ShardedLog): Omit<Asked, 'all'> {
  const knownOffsets = new Uint32Array(known.length + 1);
  known.forEach((own, h) => (knownOffsets[h + 1] = (knownOffsets[h] ?? 0) + own.length));
  const knownItems = new Int32Array(knownOffsets.at(-1) ?? 0);
  known.forEach((own, h) => knownItems.set(own, knownOffsets[h]));
  return {
    histories: { vocabulary, users: Int32Array.from(users) },
    knownItems,
    knownOffsets,
    queryHistories: Int32Array.from(histories),
    answers: Int32Array.from(answers),
  };
}

/** The log without what is asked for, as its shards are read. */
function knownLog(
  { log, cutTime }: Divided,
  { answers, clicks }: { readonly answers: readonly Int32Array[] | undefined; readonly clicks: number },
): PreparedLog {
  const keep = (shard: Shard, index: number): Shard => {
    const own = answers?.[index];
    return onlyKnown(shard, own === undefined ? keepBefore(shard, cutTime ?? 0) : keepAllBut(shard, own));
  };
  return {
    ...log,
    manifest: { ...log.manifest, clicks },
    readShard: async (index, signal) => keep(await log.readShard(index, signal), index),
    // which of them are asked for goes by the keys
    readClicks: async (index, signal) => keep(await log.readShard(index, signal), index),
    async *streamShard(index, signal) {
      yield keep(await log.readShard(index, signal), index);
    },
  };
}

/** The known clicks of a shard; histories without any stay, empty. */
function onlyKnown({ keys, items, offsets, times, weights }: Shard, isKnown: Uint8Array): Shard {
  const ends = new Uint32Array(offsets.length);
  let size = 0;
  for (let h = 0; h + 1 < offsets.length; h++) {
    for (let at = offsets[h] ?? 0; at < (offsets[h + 1] ?? 0); at++) {
      if (isKnown[at] !== 1) continue;
      items[size] = items[at] ?? 0;
      if (times !== undefined) times[size] = times[at] ?? 0;
      if (weights !== undefined) weights[size] = weights[at] ?? 0;
      size++;
    }
    ends[h + 1] = size;
  }
  return {
    keys,
    offsets: ends,
    items: items.subarray(0, size),
    times: times?.subarray(0, size),
    weights: weights?.subarray(0, size),
  };
}
