/** Receives shaped histories in parts of bounded size, each a query of its own: a cluster refuses results that are too large for its driver. */
import { InputError } from '../checks.js';
import type { Sessions } from '../histories/shape-sessions.js';
import { listsOf, tableOf, textsOf } from './arrow.js';
import { TransientFailure } from './failures.js';
import type { SparkSession } from './session.js';
import { cutsSql, historiesSql, type StageOptions } from './stage-sql.js';

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
 * @throws InputError if their number or their clicks are not those that were counted: rows were lost, or the log changed during the run
 */
export async function receiveHistories(
  session: Pick<SparkSession, 'query'>,
  stage: StageOptions,
  options: ReceiveOptions,
): Promise<Received> {
  const { histories, clicks, onShare } = options;
  const into = room(stage, options);
  for (const [from, to] of await partsOf(session, options)) {
    const sql = historiesSql(stage, from, to);
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
    // a part is received anew on its own, from where it began, so that no history comes twice
    await receive().catch((error: unknown) => {
      if (!(error instanceof TransientFailure)) throw error;
      into.goBack(before);
      return receive();
    });
  }
  if (into.histories !== histories || into.clicks !== clicks) {
    throw new InputError(
      `the histories that arrived (${into.histories} with ${into.clicks} clicks) are not those that were counted (${histories} with ${clicks}): the log changed during the run; run the command again`,
    );
  }
  const { items: categories, times, weights, offsets, users, keys } = into;
  return { sessions: { categories, times, weights, offsets, users }, historyKeys: keys };
}

/** Ranges of keys, each of about the same number of histories. */
async function partsOf(session: Pick<SparkSession, 'query'>, { histories, clicks, partClicks }: ReceiveOptions) {
  const parts = Math.ceil(clicks / partClicks);
  if (parts < 2) return [[undefined, undefined]] as const;
  const every = Math.max(1, Math.floor(histories / (parts * sampledPerPart)));
  const sample: string[] = [];
  for await (const batch of session.query(cutsSql(every))) sample.push(...textsOf(tableOf(batch), 'h'));
  const cuts = Array.from({ length: parts - 1 }, (_, i) => sample[Math.floor((sample.length * (i + 1)) / parts)]);
  const bounds = [undefined, ...new Set(cuts.filter((cut) => cut !== undefined)), undefined];
  return bounds.slice(1).map((to, i) => [bounds[i], to] as const);
}

/** Room for all that is to come. */
function room({ seconds, weight, gapSeconds, keepKeys }: StageOptions, { histories, clicks }: ReceiveOptions) {
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
