/** What Spark's machines lose while it works: nothing is lost or doubled, or one sentence says why, and nothing is left. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readSparkWith } from '../../src/spark/spark-histories.js';
import type { SparkReading } from '../../src/spark/spark-options.js';
import { makeFolder } from '../duckdb/files.js';
import { differences, writeLog } from './equality.js';
import { describeWith, freePort, startSpark, type Server } from './servers.js';

vi.setConfig({ testTimeout: 240_000 });

const isMountable = process.platform === 'linux' && process.getuid?.() === 0;

describeWith('spark', 'a log on Spark whose machines lose files', () => {
  const folder = makeFolder();
  const disks = { local: join(folder, 'local'), work: join(folder, 'work') };
  const work = `file://${disks.work}`;
  let source: { readonly table: string };
  let path: string;
  let server: Server;
  let page: string;
  const mounted: string[] = [];
  beforeAll(async () => {
    for (const disk of Object.values(disks)) {
      mkdirSync(disk);
      if (isMountable) mounted.push(mount(disk));
    }
    path = await writeLog(folder);
    source = { table: `parquet.\`${path}\`` };
    page = `http://127.0.0.1:${await freePort()}/api/v1/applications`;
    const ui = ['spark.ui.enabled=true', `spark.ui.port=${new URL(page).port}`];
    server = await startSpark([...ui, `spark.local.dir=${disks.local}`]);
  });
  afterAll(async () => {
    await server.stop();
    for (const disk of mounted) execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true });
  });

  const columns = { history: 'user', category: 'item', minCount: 20, maxHistory: 30 };
  const differ = (how: Pick<SparkReading, 'work'> = {}) => differences(path, source, server.address, columns, how);
  const read = (more: Partial<SparkReading>) =>
    readSparkWith(source, { engine: server.address, ...columns, ...more }).then(() => 'histories', String);

  test('whose shuffle files vanish between stages makes them anew, and says so where they always do', async () => {
    const stop = loseShuffles(disks.local, 3);
    expect(await differ()).toEqual([]);
    expect(stop()).toBe(3);
    expect(server.log()).toMatch(/FetchFailed/);
    const stopAll = loseShuffles(disks.local, Infinity);
    const said = await read({});
    stopAll();
    expect(said).toMatch(
      /^InputError: Spark refused the query: [^\n]*; the cluster lost files between its stages more often/,
    );
    expect(await differ()).toEqual([]);
  });

  test('shows beside its jobs what they are for', async () => {
    expect(await read({})).toBe('histories');
    const get = async (address: string): Promise<Record<string, unknown>[]> => (await fetch(address)).json();
    const [application] = await get(page);
    const jobs = await get(`${page}/${String(application?.['id'])}/jobs`);
    const descriptions = new Set(jobs.map(({ description }) => String(description)));

    expect([...descriptions]).toContain(`category2vec: histories, 4 of 4 tables of ${source.table}`);
    expect([...descriptions].filter((text) => !text.startsWith('category2vec: '))).toEqual([]);
    expect(JSON.stringify(jobs[0]?.['jobTags'])).toContain('_Tag_category2vec');
  });

  test('whose table under a folder of work lost a file is read by no later run', async () => {
    const fail = (): never => {
      throw new Error('killed');
    };
    expect(await read({ work, onProgress: ({ stage }) => stage === 'clicks' && fail() })).toBe('Error: killed');
    const [database = ''] = readdirSync(disks.work);
    const [table = ''] = readdirSync(join(disks.work, database)).filter((name) => name.startsWith('clicks_'));
    const [part = ''] = readdirSync(join(disks.work, database, table)).filter((name) => name.endsWith('.parquet'));
    rmSync(join(disks.work, database, table, part));
    const said = await read({ work });

    expect(said).toMatch(
      /^InputError: the table of clicks on the cluster holds \d+ where \d+ were counted before: its files/,
    );
    expect(readdirSync(disks.work)).toEqual([]);
    expect(await differ({ work })).toEqual([]);
  });

  test.skipIf(!isMountable).each([
    ['local', {}, /No space left on device/, 0],
    ['work', { work }, /\(TASK_WRITE_FAILED, SQLSTATE 58030\)/, 60_000],
  ] as const)(
    'whose disk is full says so and leaves nothing, and works with room: %s',
    async (name, how, reason, free) => {
      const filler = join(disks[name], 'filler');
      const { bavail, bsize } = statfsSync(disks[name]);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - free));
      const said = await read(how);

      expect(said).toMatch(
        /^InputError: Spark refused the query: [^\n]*; a disk of the cluster is full: free it, or [^\n]*$/,
      );
      expect(said).toMatch(reason);
      expect(readdirSync(disks.work).filter((left) => left !== 'filler')).toEqual([]);
      rmSync(filler);
      expect(await differ(how)).toEqual([]);
      expect(readdirSync(disks.work)).toEqual([]);
    },
  );
});

/** A disk of 64 MB in memory. */
function mount(folder: string): string {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder], { stdio: 'ignore' });
  return folder;
}

/**
 * Removes the shuffle files that are whole, as soon as there are any.
 *
 * @param most - times that it does so
 * @returns ends it; tells how often it did
 */
function loseShuffles(folder: string, most: number): () => number {
  let times = 0;
  const timer = setInterval(() => {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const lost = names.filter((name) => /shuffle_\d+_\d+_\d+\.(data|index)$/.test(name));
    if (lost.length === 0 || times >= most) return;
    for (const name of lost) rmSync(join(folder, name), { force: true });
    times++;
  }, 5);
  return () => {
    clearInterval(timer);
    return times;
  };
}
