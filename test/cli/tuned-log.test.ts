import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { describeSample, trainChosen } from '../../src/cli/flags/tuned-log.js';
import { readHistoriesWith } from '../../src/duckdb/events/read-histories.js';
import { historiesOfPrepared, type PreparedLog } from '../../src/histories/prepared-log.js';
import { sampleOfPrepared } from '../../src/histories/prepared-part.js';
import { preparedInMemory } from '../histories/prepared.js';
import { makeFolder } from '../duckdb/files.js';
import { writeLog } from '../spark/equality.js';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe('a prepared log that is tuned', () => {
  const prepare = async () => {
    const whole = await readHistoriesWith(await writeLog(folder), {
      history: 'user',
      category: 'item',
      keepKeys: true,
      keepSingles: true,
    });
    return { whole, log: preparedInMemory(whole, 2500) };
  };
  /** The same log, as if it had so many clicks. */
  const withClicks = (log: PreparedLog, clicks: number): PreparedLog => ({
    ...log,
    manifest: { ...log.manifest, clicks },
  });

  test('is tried whole where it is held in memory, else by the histories of as many shards as are', async () => {
    const { whole, log } = await prepare();
    const { shards } = log.manifest;
    expect(shards.length).toBeGreaterThan(5);
    expect(await sampleOfPrepared(log)).toBe(log);

    const large = withClicks(log, 40_000_000);
    const sample = await sampleOfPrepared(large);
    const kept = Math.floor(shards.length / 3);
    expect(sample.manifest.shards).toEqual(shards.slice(0, kept));
    const { keys = [], items } = await historiesOfPrepared(sample, { keepKeys: true, keepSingles: true });
    expect(items.length).toBe(shards.slice(0, kept).reduce((sum, { clicks }) => sum + clicks, 0));
    const known = new Set(whole.keys);
    expect(keys.every((key) => known.has(key))).toBe(true);
    expect(describeSample(sample, large)).toMatch(
      new RegExp(`sample .* of 40,000,000 clicks are tried, the histories of ${kept} of ${shards.length} shards`),
    );
  });

  test('is sampled by one shard at least', async () => {
    const { log } = await prepare();
    const { manifest } = await sampleOfPrepared(withClicks(log, 1e12));
    expect(manifest.shards.length).toBe(1);
  });

  test('is trained whole with the setting that was chosen', async () => {
    const { log } = await prepare();
    const setting = { model: 'skip-gram', dimension: 4, epochs: 1 } as const;
    log.reads.length = 0;
    const { vocabulary, provenance } = await trainChosen(log, { setting, minCount: 20, seed: 3, threads: 1 });
    expect(new Set(log.reads).size).toBe(log.manifest.shards.length);
    expect(vocabulary.counts.every((count) => count >= 20)).toBe(true);
    expect(provenance.options).toMatchObject({ ...setting, seed: 3 });
  });
});
