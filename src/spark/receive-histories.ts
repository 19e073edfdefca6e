/**
 * Receives shaped histories in parts of bounded size, each a query of its own: a cluster refuses results that are too
 * large for its driver.
 */
import { InputError } from '../checks.js';
import type { Sessions } from '../histories/shape-sessions.js';
import { listsOf, rowsOf, tableOf, textsOf } from './arrow.js';
import { TransientFailure } from './failures.js';
import type { SparkSession } from './session.js';
import { cutsSql, historiesSql, sizesSql, type StageOptions } from './stage-sql.js';

/** How much is to come, and in which parts. */
export interface ReceiveOptions {
  readonly histories: number;
  readonly clicks: number;
  /** approximate maximum of clicks in a part */
  readonly partClicks: number;
  /** told the share of the clicks that are here, 0 … 1 */
  readonly onShare: (share: number) => void;
}

/** Histories as the cluster shaped them, and the keys of their users where asked for. */
export interface Received {
  readonly sessions: Omit<Sessions, 'dropped'>;
  readonly historyKeys: readonly string[] | undefined;
}

/** Keys in the sample that part boundaries are taken from, for each part. */
const sampledPerPart = 64;

/**
 * Receives all histories, in the byte order of their keys.
 *
 * @throws InputError if their number or their clicks are not those that were counted: rows were lost, or the log
 *   changed during the run
 */
export async function receiveHistories(
  session: Pick<SparkSession, 'query'>,
  stage: StageOptions,
  options: ReceiveOptions,
): Promise<Received> {
  const into = room(stage, options);
  for (const range of await partsOf(session, stage, options))
    await receivePart(session, stage, { ...options, range, into });
  return whole(into, options);
}

/**
 * Receives histories part by part: memory holds one.
 *
 * @param visit - told each part, in the byte order of the keys
 * @throws InputError as `receiveHistories`
 */
export async function receiveInParts(
  session: Pick<SparkSession, 'query'>,
  stage: StageOptions,
  { onShare, ...options }: ReceiveOptions,
  visit: (part: Received) => Promise<void>,
): Promise<void> {
  const sum = { histories: 0, clicks: 0 };
  for (const range of await partsOf(session, stage, options)) {
    // oxlint-disable-next-line no-await-in-loop -- memory holds one part
    const [counted = {}] = await rowsOf(session.query(sizesSql(stage, ...range)));
    const sizes = { histories: Number(counted['histories']), clicks: Number(counted['clicks']) };
    const into = room(stage, sizes);
    const before = sum.clicks;
    const tell = (share: number): void => onShare((before + share * sizes.clicks) / Math.max(1, options.clicks));
    // oxlint-disable-next-line no-await-in-loop
    await receivePart(session, stage, { ...sizes, onShare: tell, range, into });
    sum.histories += into.histories;
    sum.clicks += into.clicks;
    // oxlint-disable-next-line no-await-in-loop
    await visit(whole(into, sizes));
  }
  checkSizes(sum, options);
}

interface PartOptions extends Pick<ReceiveOptions, 'clicks' | 'onShare'> {
  readonly range: KeyRange;
  readonly into: ReturnType<typeof room>;
}

/**
 * Receives the histories of a range of keys; anew on its own where that fails, from where it began, so that no history
 * comes twice.
 */
async function receivePart(
  session: Pick<SparkSession, 'query'>,
  stage: StageOptions,
  { clicks, onShare, range, into }: PartOptions,
): Promise<void> {
  const sql = historiesSql(stage, ...range);
  const receive = async (): Promise<void> => {
    for await (const batch of session.query(sql)) {
      const table = tableOf(batch);
      const first = into.histories;
      listsOf(table, 'items', (values, lengths) => into.append(values, lengths));
      const start = into.offsets[first] ?? 0;
      appendNumbers(table, 'times', into.times, start);
      appendNumbers(table, 'weights', into.weights, start);
      into.note(table, first);
      onShare(clicks === 0 ? 1 : into.clicks / clicks);
    }
  };
  const before = into.place();
  await receive().catch((error: unknown) => {
    if (!(error instanceof TransientFailure)) throw error;
    into.goBack(before);
    return receive();
  });
}

function whole(into: ReturnType<typeof room>, counted: Pick<ReceiveOptions, 'histories' | 'clicks'>): Received {
  checkSizes(into, counted);
  const { items: categories, times, weights, offsets, users, keys } = into;
  return { sessions: { categories, times, weights, offsets, users }, historyKeys: keys };
}

function checkSizes(
  arrived: Pick<ReceiveOptions, 'histories' | 'clicks'>,
  { histories, clicks }: Pick<ReceiveOptions, 'histories' | 'clicks'>,
): void {
  if (arrived.histories === histories && arrived.clicks === clicks) return;
  throw new InputError(
    `the histories that arrived (${arrived.histories} with ${arrived.clicks} clicks) are not those that were ` +
      `counted (${histories} with ${clicks}): the log changed during the run; run the command again`,
  );
}

/** Keys from the first to before the second. */
type KeyRange = readonly [from: string | undefined, to: string | undefined];

/** Ranges of keys, each of about the same number of histories. */
async function partsOf(
  session: Pick<SparkSession, 'query'>,
  stage: StageOptions,
  { histories, clicks, partClicks }: Pick<ReceiveOptions, 'histories' | 'clicks' | 'partClicks'>,
): Promise<readonly KeyRange[]> {
  const parts = Math.ceil(clicks / partClicks);
  if (parts < 2) return [[undefined, undefined]];
  const every = Math.max(1, Math.floor(histories / (parts * sampledPerPart)));
  const sample: string[] = [];
  for await (const batch of session.query(cutsSql(stage, every))) sample.push(...textsOf(tableOf(batch), 'h'));
  const cuts = Array.from({ length: parts - 1 }, (_, i) => sample[Math.floor((sample.length * (i + 1)) / parts)]);
  const bounds = [undefined, ...new Set(cuts.filter((cut) => cut !== undefined)), undefined];
  return bounds.slice(1).map((to, i) => [bounds[i], to] as const);
}

/** Room for all that is to come. */
function room(
  { seconds, weight, gapSeconds, keepKeys }: StageOptions,
  { histories, clicks }: Pick<ReceiveOptions, 'histories' | 'clicks'>,
) {
  return {
    items: new Int32Array(clicks),
    times: seconds === undefined ? undefined : new Float64Array(clicks),
    weights: weight === undefined ? undefined : new Float64Array(clicks),
    offsets: new Uint32Array(histories + 1),
    users: gapSeconds === undefined ? undefined : new Int32Array(histories),
    keys: keepKeys ? ([] as string[]) : undefined,
    histories: 0,
    clicks: 0,
    lastUser: -1,
    /** Where it stands. */
    place() {
      return { histories: this.histories, clicks: this.clicks, lastUser: this.lastUser, keys: this.keys?.length ?? 0 };
    },
    /** Forgets what came since. */
    goBack({ keys: keyCount, ...sizes }: { histories: number; clicks: number; lastUser: number; keys: number }): void {
      Object.assign(this, sizes);
      if (this.keys !== undefined) this.keys.length = keyCount;
    },
    /** Adds histories: their clicks end to end. */
    append(values: ArrayLike<number>, lengths: Int32Array): void {
      if (this.clicks + values.length > clicks || this.histories + lengths.length > histories) {
        throw new InputError(
          'more histories arrived than were counted: the log changed during the run; run the command again',
        );
      }
      this.items.set(values, this.clicks);
      for (const length of lengths) {
        this.clicks += length;
        this.offsets[++this.histories] = this.clicks;
      }
    },
    /** Adds the users and keys of the histories from `first` on. */
    note(table: ReturnType<typeof tableOf>, first: number): void {
      const firsts = this.users && Array.from(table.getChild('is_first'), Boolean);
      const texts = this.keys && textsOf(table, 'h');
      for (let i = 0; first + i < this.histories; i++) {
        const isFirst = firsts?.[i] ?? true;
        if (isFirst) this.lastUser++;
        if (this.users !== undefined) this.users[first + i] = this.lastUser;
        if (isFirst) this.keys?.push(texts?.[i] ?? '');
      }
    },
  };
}

function appendNumbers(
  table: ReturnType<typeof tableOf>,
  name: string,
  into: Float64Array | undefined,
  start: number,
): void {
  let at = start;
  if (into === undefined) return;
  listsOf(table, name, (values) => {
    into.set(values, at);
    at += values.length;
  });
}
