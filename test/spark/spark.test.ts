/** Spark itself, one server for all: what it reads, what it refuses, and what it loses while it works. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { sparkAddress } from '../../src/spark/address.js';
import { rowsOf } from '../../src/spark/arrow.js';
import { readSparkWith } from '../../src/spark/spark-histories.js';
import { SparkSession } from '../../src/spark/session.js';
import type { SparkReading } from '../../src/spark/spark-options.js';
import { runCommand, runJson } from '../cli/harness.js';
import { makeFolder } from '../duckdb/files.js';
import { cases, countReads, differences, writeLog, type Case } from './equality.js';
import { canMount, loseShuffles, mount, unmount } from './lost-files.js';
import { behindTls, describeWith, freePort, hasEnded, startSpark, type Server } from './servers.js';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** Real Spark takes seconds for each: those that differ most from each other. */
const hardest = new Set([
  'order with repeats',
  'sessions with a floor of users',
  'a cap on the length, without times',
  'all at once',
]);

const token = 'secret';

describeWith('spark', 'a log on Spark', () => {
  const folder = makeFolder();
  const disks = { local: join(folder, 'local'), work: join(folder, 'work') };
  const work = `file://${disks.work}`;
  let path: string;
  let table: string;
  let server: Server;
  let settings: readonly string[];
  let page: string;
  beforeAll(async () => {
    for (const disk of Object.values(disks)) {
      mkdirSync(disk);
      if (canMount) mount(disk);
    }
    path = await writeLog(folder);
    table = `parquet.\`${path}\``;
    const uiPort = await freePort();
    page = `http://127.0.0.1:${uiPort}/api/v1/applications`;
    settings = [
      // streams of 30 kB at most: most results take several, as those of minutes do
      'spark.connect.execute.reattachable.senderMaxStreamSize=30k',
      `spark.connect.authenticate.token=${token}`,
      'spark.ui.enabled=true',
      `spark.ui.port=${uiPort}`,
      `spark.local.dir=${disks.local}`,
    ];
    server = await startSpark(settings);
  });
  beforeEach(async () => {
    // a server that has ended by itself takes no other test with it
    if (hasEnded(server)) server = await startSpark(settings, server.port);
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(async () => {
    if (canMount) for (const disk of Object.values(disks)) unmount(disk);
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const differ = (options: Case, how: Parameters<typeof differences>[4] = {}, sql?: string) =>
    differences(path, sql === undefined ? { table } : { sql }, server.address, options, { token, ...how });
  const columns = { history: 'user', category: 'item', minCount: 20, maxHistory: 30 };
  const read = (more: Partial<SparkReading>, sql?: string) =>
    readSparkWith(sql === undefined ? { table } : { sql }, { engine: server.address, token, ...columns, ...more }).then(
      () => 'histories',
      String,
    );
  const open = (signal?: AbortSignal): SparkSession =>
    new SparkSession({ address: sparkAddress(server.address), token, signal, clientType: 'test', tag: 'test' });
  const leftUnderWork = () => readdirSync(disks.work).filter((name) => name !== 'filler');

  test.each(cases.filter(([title]) => hardest.has(title)))('is read as DuckDB reads it: %s', async (_, options) => {
    expect(await differ(options)).toEqual([]);
  });

  test('is read the same in many parts', async () => {
    expect(await differ({ keepKeys: true }, { partClicks: 4000 }, `SELECT * FROM ${table}`)).toEqual([]);
  });

  test('is read the same by tables under a folder of work, also by two clients at once, and nothing is left', async () => {
    const reads = countReads();
    const options = { time: 'at', minCount: 20 };
    const fromFiles = { work, openWorkFiles: reads.open, partClicks: 4000 };
    expect(await Promise.all([differ(options, { work }), differ(options, fromFiles)])).toEqual([[], []]);
    expect(reads.ranges).toBeGreaterThan(2);
    expect(leftUnderWork()).toEqual([]);
  });

  test.each(['shaping', 'keys', 'clicks'])(
    'leaves nothing under a folder of work where it is stopped: %s',
    async (at) => {
      const stop = new AbortController();
      const abort = () => stop.abort(new Error('stopped by hand'));
      const onProgress: SparkReading['onProgress'] = ({ stage }) => {
        // a table is told of before it is begun: it is stopped while the cluster makes it, or soon after
        if (stage === at && at === 'clicks') abort();
        else if (stage === at) setTimeout(abort, 100);
      };
      expect(await read({ work, partClicks: 4000, signal: stop.signal, onProgress })).toBe('Error: stopped by hand');
      expect(leftUnderWork()).toEqual([]);
    },
  );

  test('gives every row once, over many streams', async () => {
    const session = open();
    await session.configure({ 'spark.sql.execution.arrow.maxRecordsPerBatch': '3000' });
    const rows = await rowsOf(session.query('SELECT id FROM range(0, 60000, 1, 6)'));
    await session.close();

    expect(rows).toHaveLength(60_000);
    expect(rows.reduce((sum, { id }) => sum + Number(id), 0)).toBe((60_000 * 59_999) / 2);
  });

  const ofItsKeys = { history: 'user', category: 'item' };
  test.each([
    [
      'an unknown table',
      { sql: 'SELECT * FROM nope.nope' },
      {},
      /: The table or view .* cannot be found.*\(TABLE_OR_VIEW_NOT_FOUND, SQLSTATE 42P01\); check the name/,
    ],
    [
      'a condition on an unknown column',
      {},
      { where: 'nope > 1' },
      /: A column.*`nope` cannot be resolved.*SQLSTATE 42703\); check the names of the columns$/,
    ],
    ['a condition that is no SQL', {}, { where: 'price >' }, /: Syntax error.*SQLSTATE 42601\)/],
    ['a value that cannot be cast', {}, { where: 'CAST(item AS INT) > 1' }, /CAST_INVALID_INPUT.*try_cast/],
    ['another token', {}, { token: 'wrong' }, /does not accept the token/],
    [
      'a column of fractions as key',
      {},
      { category: 'weight' },
      /: category must be a column of text or whole numbers where engine is used, got fractions; cast it in sql$/,
    ],
  ] as const)(
    'says in one sentence what is wrong with %s',
    async (_, source: { readonly sql?: string }, options, sentence) => {
      expect(await read({ ...ofItsKeys, ...options }, source.sql)).toMatch(sentence);
    },
  );

  test('stops a query when it is told to, and can be asked again', async () => {
    const stop = new AbortController();
    const session = open(stop.signal);
    const long = 'SELECT sum(a.id * b.id) FROM range(3000000) a JOIN range(3000000) b ON a.id % 100 = b.id % 100';
    const onProgress = () => stop.abort(new Error('stopped by hand'));

    await expect(rowsOf(session.query(long, { onProgress }))).rejects.toThrow('stopped by hand');
    await session.close();
    const after = open();
    expect(await rowsOf(after.query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    await after.close();
  });

  test('is prepared by a command over TLS, whose token comes from the environment', async () => {
    const certificate = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
    const proxy = await behindTls(server.port, { key: certificate('key'), cert: certificate('certificate') });
    const cluster = ['--engine', proxy.address, '--engine-ca', certificate('certificate'), '--table', table];
    const asked = ['--history', 'user', '--category', 'item', '--shard-clicks', '4000'];
    const prepare = ['prepare', ...cluster, ...asked, '--out', join(folder, 'of-cluster')];
    vi.stubEnv('SPARK_CONNECT_AUTHENTICATE_TOKEN', 'wrong');
    const refused = await runCommand(prepare);
    vi.stubEnv('SPARK_CONNECT_AUTHENTICATE_TOKEN', token);
    await runJson(prepare);
    await proxy.stop();
    await runJson(['prepare', path, ...asked, '--out', join(folder, 'of-file')]);
    const shardsOf = (name: string) =>
      readdirSync(join(folder, name))
        .filter((each) => each !== 'manifest.json')
        .map((each) => [each, readFileSync(join(folder, name, each)).toString('base64')]);

    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('does not accept the token') });
    expect(shardsOf('of-cluster').length).toBeGreaterThan(3);
    expect(Object.fromEntries(shardsOf('of-cluster'))).toEqual(Object.fromEntries(shardsOf('of-file')));
  });

  test('whose shuffle files vanish between stages makes them anew', async () => {
    const losing = loseShuffles(disks.local, join(folder, 'pipe'), 2);
    expect(await differ(columns, {}, losing.logOf(table))).toEqual([]);
    await losing.stop();
    expect(losing.losses()).toBe(2);
    expect(server.log()).toMatch(/FetchFailed/);
  });

  test('shows beside its jobs what they are for', async () => {
    expect(await read({})).toBe('histories');
    const get = async (address: string): Promise<Record<string, unknown>[]> => (await fetch(address)).json();
    const [application] = await get(page);
    const descriptions = async () => {
      const jobs = await get(`${page}/${String(application?.['id'])}/jobs`);
      const own = jobs.filter(({ jobTags }) => JSON.stringify(jobTags).includes('_Tag_category2vec'));
      return own.map(({ description }) => String(description));
    };
    // the page follows the jobs
    await vi.waitFor(
      async () => expect(await descriptions()).toContain(`category2vec: histories, 4 of 4 tables of ${table}`),
      { timeout: 120_000, interval: 500 },
    );
    expect((await descriptions()).filter((text) => !text.startsWith('category2vec: '))).toEqual([]);
  });

  test('whose table under a folder of work lost a file is read by no later run', async () => {
    const fail = (): never => {
      throw new Error('killed');
    };
    expect(await read({ work, onProgress: ({ stage }) => stage === 'clicks' && fail() })).toBe('Error: killed');
    const names = readdirSync(disks.work, { recursive: true, encoding: 'utf8' });
    const parts = names
      .filter((name) => /\/clicks_[^/]*\/[^/]*\.parquet$/.test(name))
      .map((name) => join(disks.work, name));
    const [largest = ''] = parts.toSorted((one, other) => statSync(other).size - statSync(one).size);
    rmSync(largest);

    expect(await read({ work })).toMatch(
      /^InputError: the table of clicks on the cluster holds \d+ where \d+ were counted before: its files/,
    );
    expect(leftUnderWork()).toEqual([]);
  });

  test.skipIf(!canMount).each([
    ['local', {}, /No space left on device/, 0],
    ['work', { work }, /\(TASK_WRITE_FAILED, SQLSTATE 58030\)/, 60_000],
  ] as const)(
    'whose disk is full says so and leaves nothing, and works with room: %s',
    async (name, how, reason, free) => {
      const filler = join(disks[name], 'filler');
      const { bavail, bsize } = statfsSync(disks[name]);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - free));
      const said = await read(how);
      rmSync(filler);

      expect(said).toMatch(
        /^InputError: Spark refused the query: [^\n]*; a disk of the cluster is full: free it, or [^\n]*$/,
      );
      expect(said).toMatch(reason);
      expect(leftUnderWork()).toEqual([]);
      expect(await differ(columns, how)).toEqual([]);
      expect(leftUnderWork()).toEqual([]);
    },
  );

  test('whose server is started anew under a session is known to have lost what it kept', async () => {
    const session = open();
    await session.version();
    await server.stop();
    server = await startSpark(settings, server.port);

    await expect(rowsOf(session.query('SELECT 1 AS one'))).rejects.toThrow(/was restarted during the run/);
    await session.close();
  });
});
