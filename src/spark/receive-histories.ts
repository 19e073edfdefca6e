/**
 * Receives shaped histories in parts of bounded size, each a query of its own: a cluster refuses results that are too
 * large for its driver. Where this machine sees the files that the cluster wrote, they are read instead.
 */
import { InputError } from '../checks.js';
import type { Sessions } from '../histories/shape-sessions.js';
import type { ArrivedHistories, KeyRange, WorkFiles } from '../histories/work-table.js';
import { listsOf, rowsOf, tableOf, textsOf } from './arrow.js';
import { TransientFailure } from './failures.js';
import type { ArrowBatch, SparkSession } from './session.js';
import { cutsSql, historiesSql, sizesSql, type StageOptions } from './stage-sql.js';

/** How much is to come, and in which parts. */
export interface ReceiveOptions {
  readonly histories: number;
  readonly clicks: number;
  /** approximate maximum of clicks in a part */
  readonly partClicks: number;
  /** where they stand on this machine, too; undefined: they come over the wire */
  readonly files?: WorkFiles | undefined;
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
    const [counted = {}] = await twice(() => rowsOf(session.query(sizesSql(stage, ...range))));
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

interface PartOptions extends Pick<ReceiveOptions, 'clicks' | 'files' | 'onShare'> {
  readonly range: KeyRange;
  readonly into: ReturnType<typeof room>;
}

/**
 * Receives the histories of a range of keys; anew on its own where that fails, from where it began, so that no history
 * comes twice: from the cluster where files could not be read.
 */
async function receivePart(
  session: Pick<SparkSession, 'query'>,
  stage: StageOptions,
  { clicks, files, onShare, range, into }: PartOptions,
): Promise<void> {
  const take = (arrived: ArrivedHistories): void => {
    into.append(arrived);
    onShare(clicks === 0 ? 1 : into.clicks / clicks);
  };
  const receive = async (): Promise<void> => {
    for await (const batch of session.query(historiesSql(stage, ...range))) take(arrivedIn(batch, stage));
  };
  const before = into.place();
  const first = files === undefined ? receive() : files.read(range, take);
  await first.catch((error: unknown) => {
    const isRead = files !== undefined && error instanceof InputError;
    if (!isRead && !(error instanceof TransientFailure)) throw error;
    into.goBack(before);
    return receive();
  });
}

/** Asks once more where a job failed while it ran. */
function twice<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return ask().catch((error: unknown) => {
    if (!(error instanceof TransientFailure)) throw error;
    return ask();
  });
}

/** The histories of a batch. */
function arrivedIn(batch: ArrowBatch, { seconds, weight, gapSeconds, keepKeys }: StageOptions): ArrivedHistories {
  const table = tableOf(batch);
  return {
    ...listsOf(table, 'items'),
    times: seconds === undefined ? undefined : Float64Array.from(listsOf(table, 'times').items),
    weights: weight === undefined ? undefined : Float64Array.from(listsOf(table, 'weights').items),
    areFirst: gapSeconds === undefined ? undefined : Array.from(table.getChild('is_first'), Boolean),
    keys: keepKeys ? textsOf(table, 'h') : undefined,
  };
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

/** Ranges of keys, each of about the same number of histories. */
async function partsOf(
  session: Pick<SparkSession, 'query'>,
  stage: StageOptions,
  { histories, clicks, partClicks }: Pick<ReceiveOptions, 'histories' | 'clicks' | 'partClicks'>,
): Promise<readonly KeyRange[]> {
  const parts = Math.ceil(clicks / partClicks);
  if (parts < 2) return [[undefined, undefined]];
  const every = Math.max(1, Math.floor(histories / (parts * sampledPerPart)));
  const sample = await twice(async () => {
    const keys: string[] = [];
    for await (const batch of session.query(cutsSql(stage, every))) keys.push(...textsOf(tableOf(batch), 'h'));
    return keys;
  });
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
    /** Adds histories: their clicks end to end, their users and keys. */
    append({ items, lengths, times: seconds, weights: shares, areFirst, keys: texts }: ArrivedHistories): void {
      if (this.clicks + items.length > clicks || this.histories + lengths.length > histories) {
        throw new InputError(
          'more histories arrived than were counted: the log changed during the run; run the command again',
        );
      }
      this.items.set(items, this.clicks);
      if (seconds !== undefined) this.times?.set(seconds, this.clicks);
      if (shares !== undefined) this.weights?.set(shares, this.clicks);
      for (let i = 0; i < lengths.length; i++) {
        const isFirst = areFirst?.[i] ?? true;
        if (isFirst) this.lastUser++;
        if (this.users !== undefined) this.users[this.histories] = this.lastUser;
        if (isFirst) this.keys?.push(texts?.[i] ?? '');
        this.clicks += lengths[i] ?? 0;
        this.offsets[++this.histories] = this.clicks;
      }
    },
  };
}
