/** A simulated world → a folder: clicks, shown, impressions and oracle as Parquet, advertisers and users as CSV. */
import { duckdbApi } from '../engine/duckdb-package.js';
import { join } from 'node:path';
import type { DuckDBEnumType } from '@duckdb/node-api';
import type { ClickBatch, ImpressionBatch } from '../../simulation/batches.js';
import { calendar } from '../../simulation/calendar.js';
import type { World } from '../../simulation/simulate-world.js';
import { writeOutputs, writeParts } from '../../files/atomic-file.js';
import {
  copyBatches,
  fillCodeLists,
  fillCodes,
  fillRows,
  fillTimestamps,
  type BatchColumn,
} from '../engine/copy-batches.js';
import {
  checkCall,
  folder as aFolder,
  objectWith,
  optionsKind,
  plainHooks,
  type StepHooks,
  type StepProgress,
} from '../../step.js';

/** Files of a world, in the order in which they are listed. */
export const worldFiles = [
  'clicks.parquet',
  'shown.parquet',
  'impressions.parquet',
  'oracle.parquet',
  'advertisers.csv',
  'users.csv',
] as const;

/**
 * Files of a world with movers: the clicks of a next period, in which they have their other topic, and which they are.
 * The latter is the truth, as the oracle is, and never a feature.
 */
export const moverFiles = ['next-clicks.parquet', 'movers.csv'] as const;

/** File of a world in which new advertisers arrive day by day: the first day of each. */
const arrivalFile = 'arrivals.csv';

/** What was written. */
export interface WrittenWorld {
  /** paths of the files */
  readonly out: readonly string[];
  readonly users: number;
  readonly advertisers: number;
  readonly clicks: number;
  readonly shown: number;
  readonly impressions: number;
  /** of the next period, and advertisers of another topic in it; where movers were asked for */
  readonly nextClicks?: number;
  readonly movers?: number;
  /** advertisers that are new then, where days were asked for */
  readonly arrivals?: number;
}

/** How a world is written. */
export interface WriteWorldOptions {
  /** write into a folder that holds other files too; those stay. false by default */
  readonly overwrite?: boolean | undefined;
}

/** Where writing stands. */
export interface WriteProgress extends StepProgress {
  readonly stage: 'writing';
  /** of all tables, so far; `share` goes by how many they will be, as far as that is known */
  readonly rows: number;
}

/**
 * Writes a world into a folder, which is made if it does not exist; the files appear together when all are complete.
 *
 * The same world gives the same bytes. Memory does not depend on its size.
 *
 * @throws InputError for a folder that holds anything but an earlier world, without `overwrite`; for a full disk or an
 *   unwritable folder
 */
export async function writeWorld(
  folder: string,
  world: World,
  options: WriteWorldOptions = {},
  hooks: StepHooks<WriteProgress> = {},
): Promise<WrittenWorld> {
  checkCall('writeWorld(folder, world, options, hooks)', {
    folder: [folder, aFolder],
    world: [world, objectWith('a world, as simulateWorld gives it', ['options', 'clicks', 'impressions'])],
    options: [options, optionsKind<WriteWorldOptions>({ overwrite: true })],
    hooks: [hooks, plainHooks],
  });
  const { overwrite = false } = options;
  const { onProgress, signal } = hooks;
  const { users: people, shown: perUser, impressions: labeled } = world.options;
  // each impression is written twice: labeled, and with its true probabilities
  const expected = people * perUser + 2 * labeled;
  const { movers: share, days } = world.options;
  const hasNext = share > 0 || days > 0;
  const names = [...worldFiles, ...(hasNext ? moverFiles : []), ...(days > 0 ? [arrivalFile] : [])];
  const out = names.map((name) => join(folder, name));
  let written = 0;
  let told = 0;
  const onBatch = ({ rows }: { readonly rows: number }): void => {
    signal?.throwIfAborted();
    written += rows;
    if (written - told < 100_000) return;
    told = written;
    onProgress?.({ stage: 'writing', share: Math.min(1, written / expected), rows: written });
  };
  const fill = async ([temporary = '']: readonly string[]): Promise<number[]> => {
    const [clicks, shown, impressions, oracle, advertisers, users] = worldFiles.map((name) => join(temporary, name));
    const earlier = earlierColumns(world);
    // Side by side, so that DuckDB compresses one table while this thread makes rows of another.
    const tables = await allSettledOrThrow([
      copyBatches(clicks ?? '', earlier, world.clicks(), onBatch),
      copyBatches(shown ?? '', earlier, world.shown(), onBatch),
      copyBatches(impressions ?? '', laterColumns(world), world.impressions(), onBatch),
      copyBatches(oracle ?? '', oracleColumns(), world.impressions({ isOracleNeeded: true }), onBatch),
    ]);
    await writeParts(advertisers ?? '', advertiserLines(world));
    await writeParts(users ?? '', userLines(world));
    if (days > 0) await writeParts(join(temporary, arrivalFile), arrivalLines(world));
    if (hasNext) {
      const [next, movers] = moverFiles.map((name) => join(temporary, name));
      tables.push(await copyBatches(next ?? '', earlier, world.nextClicks(), onBatch));
      await writeParts(movers ?? '', moverLines(world));
    }
    return tables;
  };
  const place = { folder, kind: 'world', ours: [...worldFiles, ...moverFiles, arrivalFile], overwrite };
  const [clicks = 0, shown = 0, impressions = 0, , nextClicks] = await writeOutputs([place], fill, { signal });
  const { users, advertisers } = world.options;
  const { topic, laterTopic, isNew } = world.advertisers;
  const movers = topic.filter((value, row) => value !== laterTopic[row]).length;
  return {
    out,
    users,
    advertisers,
    clicks,
    shown,
    impressions,
    ...(nextClicks === undefined ? {} : { nextClicks, movers }),
    ...(days === 0 ? {} : { arrivals: isNew.reduce((sum, each) => sum + each, 0) }),
  };
}

/** Waits for all, so that nothing runs on after a failure. */
async function allSettledOrThrow<Value>(tasks: readonly Promise<Value>[]): Promise<Value[]> {
  const results = await Promise.allSettled(tasks);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Codes that are written as the text of their labels, through an enum: DuckDB looks them up, not we. */
function codeColumn<Batch extends { readonly rows: number }>(
  name: string,
  labels: readonly string[],
  codes: (batch: Batch) => Int32Array,
): BatchColumn<Batch> {
  const type: DuckDBEnumType = duckdbApi().ENUM(labels);
  const fill: BatchColumn<Batch>['fill'] = (vector, batch) =>
    fillCodes(vector, codes(batch), batch.rows, labels.length);
  return { name, type, expression: `${name}::VARCHAR`, fill };
}

function integerColumn<Batch extends { readonly rows: number }>(
  name: string,
  values: (batch: Batch) => Int32Array,
): BatchColumn<Batch> {
  return { name, type: duckdbApi().INTEGER, fill: (vector, batch) => fillRows(vector, values(batch), batch.rows) };
}

function earlierColumns({ advertisers }: World): BatchColumn<ClickBatch>[] {
  return [
    integerColumn('user_id', ({ user }) => user),
    { name: 'time', type: duckdbApi().TIMESTAMP, fill: (vector, { time, rows }) => fillTimestamps(vector, time, rows) },
    codeColumn('advertiser', advertisers.names, ({ advertiser }) => advertiser),
  ];
}

function laterColumns(world: World): BatchColumn<ImpressionBatch>[] {
  return [
    ...earlierColumns(world),
    integerColumn('position', ({ position }) => position),
    codeColumn('publisher', world.publishers, ({ publisher }) => publisher),
    codeColumn('device', world.devices, ({ device }) => device),
    integerColumn('hour', ({ hour }) => hour),
    {
      name: 'reading',
      type: duckdbApi().LIST(duckdbApi().ENUM(world.sections)),
      expression: 'reading::VARCHAR[]',
      fill: (vector, { reading, readingOffsets, rows }) => fillCodeLists(vector, reading, readingOffsets, rows),
    },
    {
      name: 'clicked',
      type: duckdbApi().TINYINT,
      fill: (vector, { clicked, rows }) => fillRows(vector, new Uint8Array(clicked.subarray(0, rows)), rows),
    },
  ];
}

function oracleColumns(): BatchColumn<ImpressionBatch>[] {
  // Row numbers need more than 32 bits for the largest worlds; a double holds them exactly.
  let first = 0;
  const numberRows: BatchColumn<ImpressionBatch>['fill'] = (vector, { rows }) => {
    const numbers = new Float64Array(rows);
    for (let i = 0; i < rows; i++) numbers[i] = first + i;
    first += rows;
    fillRows(vector, numbers, rows);
  };
  const probability = (name: string, values: (batch: ImpressionBatch) => Float64Array) => ({
    name,
    type: duckdbApi().DOUBLE,
    fill: (...[vector, batch]: Parameters<BatchColumn<ImpressionBatch>['fill']>) =>
      fillRows(vector, values(batch), batch.rows),
  });
  return [
    { name: 'row', type: duckdbApi().DOUBLE, expression: 'row::BIGINT', fill: numberRows },
    probability('probability', (batch) => batch.probability),
    probability('probability_given_history', (batch) => batch.probabilityGivenHistory),
    probability('probability_given_history_and_reading', (batch) => batch.probabilityGivenHistoryAndReading),
  ];
}

function* advertiserLines({ advertisers, languages, topics }: World): Generator<string> {
  yield 'advertiser,language,topic,quality\n';
  const { names, language, topic, quality } = advertisers;
  for (let start = 0; start < names.length; start += 1000) {
    const lines = names.slice(start, start + 1000).map((name, i) => {
      const row = start + i;
      return `${name},${languages[language[row] ?? 0]},${topics[topic[row] ?? 0]},${(quality[row] ?? 0).toFixed(3)}\n`;
    });
    yield lines.join('');
  }
}

function* arrivalLines({ advertisers: { names, isNew, firstDay } }: World): Generator<string> {
  yield 'advertiser,first_day\n';
  for (const [row, name] of names.entries()) {
    if (isNew[row] === 1) yield `${name},${dateOf(calendar.later + (firstDay[row] ?? 0) * 86_400)}\n`;
  }
}

/** `2025-02-26` */
function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function* moverLines({ advertisers, topics }: World): Generator<string> {
  yield 'advertiser,topic_before,topic_after\n';
  const { names, topic, laterTopic } = advertisers;
  for (const [row, name] of names.entries()) {
    const [before = 0, after = 0] = [topic[row], laterTopic[row]];
    if (before !== after) yield `${name},${topics[before]},${topics[after]}\n`;
  }
}

function* userLines(world: World): Generator<string> {
  yield 'user_id,language,second_language,topics\n';
  const { languages, topics, topicSets } = world;
  for (const { rows, user, language, secondLanguage, topicSet } of world.users()) {
    const lines = Array.from({ length: rows }, (_, i) => {
      const second = languages[secondLanguage[i] ?? -1] ?? '';
      const liked = Array.from(topicSets[topicSet[i] ?? 0] ?? [], (topic) => topics[topic]).join('|');
      return `${user[i]},${languages[language[i] ?? 0]},${second},${liked}\n`;
    });
    yield lines.join('');
  }
}
