/** A log of impressions → for each history what it was shown and did not click: negatives that teach. */
import { InputError, named, sentence } from '../../checks.js';
import { meetEither } from '../../embedding/key-match.js';
import type { GroupedClicks } from '../../histories/grouped-clicks.js';
import { historyAt, historyCount, someHistories, type Histories } from '../../histories/histories.js';
import { checkBytes } from './check-bytes.js';
import { withEngine, type EngineOptions } from '../engine/connection.js';
import type { CsvOptions } from '../sources/csv-dialect.js';
import { selectEvents } from './event-columns.js';
import { nameOfSource, openSource, type Source } from '../sources/event-source.js';
import { checkColumn } from '../sources/source-columns.js';
import { explodeLists } from './explode-lists.js';
import { groupEvents } from './group-events.js';
import { checkKeyColumns } from './check-keys.js';
import { prepareEvents } from './prepare-events.js';
import { quoteName } from '../engine/sql-text.js';
import { checkCall, neededOptionsKind, told } from '../../step.js';
import { aSource, joinReadHooks, readerNames, type JoinReadHooks } from '../engine/read-hooks.js';

/** Columns of a log of impressions. */
export interface ShownOptions extends CsvOptions, EngineOptions {
  /** the same keys as the histories' */
  readonly history: string;
  /** what was shown */
  readonly category: string;
  /**
   * whether it was clicked (a truth value, or 0 and 1): only rows that say no are taken; without it, what the history
   * does not hold
   */
  readonly clicked?: string | undefined;
}

/** For each history, vocabulary rows that it was shown and did not click, ascending, each once. */
export interface ShownNotClicked {
  /** shape [H + 1] */
  readonly offsets: Uint32Array;
  readonly items: Int32Array;
}

/**
 * Reads what each history was shown and did not click.
 *
 * What the history itself holds is left out, and so is what is not in its vocabulary; the sessions of one user share
 * what the user was shown.
 *
 * @param histories - read with `keepKeys`
 * @param hooks - `onKeys` receives how histories and categories met those of the clicks
 * @throws InputError if no impression belongs to any of the histories, or keys are spelled otherwise (see `matchKeys`)
 */
export async function readShownNotClicked(
  source: Source,
  histories: Histories,
  options: ShownOptions,
  hooks: JoinReadHooks = {},
): Promise<ShownNotClicked> {
  checkCall('readShownNotClicked(source, histories, { history, category, … }, hooks)', {
    source: [source, aSource],
    histories: [histories, someHistories],
    options: [
      options,
      neededOptionsKind<ShownOptions>({ ...readerNames, history: true, category: true, clicked: true }),
    ],
    hooks: [hooks, joinReadHooks],
  });
  return told('reading', hooks, () => readShownWith(source, histories, { ...options, ...hooks }));
}

/** The same for those who have options and hooks in one. @throws InputError as `readShownNotClicked` */
export async function readShownWith(
  source: Source,
  histories: Histories,
  { history, category, clicked, onKeys, onNote, ...how }: ShownOptions & JoinReadHooks,
): Promise<ShownNotClicked> {
  const { keys } = histories;
  if (keys === undefined)
    throw new InputError(sentence`histories must be read with keepKeys to be matched with ${named('impressions')}`);
  const name = nameOfSource(source);
  const shown = await withEngine(how, { source: name }, async (engine) => {
    const opened = await openSource(source, how, engine);
    const parts = new Map([
      ['history', history],
      ['category', category],
    ]);
    await checkKeyColumns(opened, [history, category], { engine, onNote });
    const isClicked = clicked === undefined ? undefined : quoteName(checkColumn(opened, 'clicked', clicked));
    const where = isClicked === undefined ? undefined : `NOT TRY_CAST(${isClicked} AS BOOLEAN)`;
    const read = async () => {
      await checkBytes(opened, parts, engine);
      const rows = await selectEvents(opened, parts, where, engine);
      const selected = await explodeLists(rows, parts, engine);
      const events = await prepareEvents(opened, selected, [...parts.keys()], {
        engine,
        hasWhere: clicked !== undefined,
      });
      return groupEvents(events, { engine, keepKeys: true, signal: engine.signal });
    };
    const found = await opened.checked(read());
    if (found.droppedBefore.badRows !== undefined) how.onBadRows?.(found.droppedBefore.badRows, name);
    return found;
  });
  const { historyKeys = [], categoryKeys } = shown.grouped;
  const meet = (what: string, clicked: readonly string[], shown: readonly string[]): void =>
    meetEither(
      { keys: `${what} of the log`, partner: 'the log', own: clicked },
      { keys: `${what} of ${name}`, partner: name, own: shown },
      { onKeys },
    );
  meet('histories', [...new Set(keys)], historyKeys);
  meet('categories', histories.vocabulary.keys, categoryKeys);
  const found = matchHistories(shown.grouped, histories, keys);
  if (found.items.length === 0) {
    const example = shown.grouped.historyKeys?.[0];
    throw new InputError(
      `${name} must hold what the histories were shown and did not click, got no such row; its ${history} ` +
        `are such as ${JSON.stringify(example)}, those of the histories such as ${JSON.stringify(keys[0])}`,
    );
  }
  return found;
}

function matchHistories(shown: GroupedClicks, histories: Histories, keys: readonly string[]): ShownNotClicked {
  const indexOf = new Map(shown.historyKeys?.map((key, i) => [key, i]));
  const rows = Int32Array.from(shown.categoryKeys, (key) => histories.vocabulary.rowOf(key) ?? -1);
  const offsets = new Uint32Array(historyCount(histories) + 1);
  const blocks: Int32Array[] = [];
  let size = 0;
  for (let h = 0; h < historyCount(histories); h++) {
    const index = indexOf.get(keys[h] ?? '');
    if (index !== undefined) {
      const own = new Set(historyAt(histories, h));
      const all = shown.categories.subarray(shown.starts[index], shown.starts[index + 1]);
      const left = new Set(all.map((category) => rows[category] ?? -1).filter((row) => row >= 0 && !own.has(row)));
      blocks.push(Int32Array.from(left).sort());
      size += left.size;
    }
    offsets[h + 1] = size;
  }
  const items = new Int32Array(size);
  let at = 0;
  for (const block of blocks) {
    items.set(block, at);
    at += block.length;
  }
  return { offsets, items };
}
