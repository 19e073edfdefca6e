/** `--engine`: logs that a Spark cluster reads, from the command line. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { prepareArrivingLog } from '../../src/duckdb/prepared/prepare-arriving-log.js';
import { sparkLog } from '../../src/spark/read-spark-histories.js';
import { writeLog } from '../spark/equality.js';
import { startFake, type Behavior, type FakeServer } from '../spark/fake-server.js';
import { describeWith, freePort, startSail, type Server } from '../spark/servers.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
const open: FakeServer[] = [];
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'category2vec-engine-'))));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const fake of open.splice(0)) await fake.stop();
});

async function fakeWith(behavior: Behavior): Promise<FakeServer> {
  const fake = await startFake(behavior);
  open.push(fake);
  return fake;
}

const columns = ['--history', 'user', '--category', 'item'];

function train(...words: readonly string[]): string[] {
  return ['train', ...words, '--out', join(folder, 'out.parquet')];
}

describe('--engine', () => {
  const cluster = ['--engine', 'spark://127.0.0.1:1', '--table', 't'];
  const file = 'clicks.parquet';
  test.each([
    [
      [file, ...cluster, ...columns],
      '--engine reads a --table or --sql on the cluster, got the file "clicks.parquet" as well',
    ],
    [[...cluster, '--columns', 'a,b'], '--columns cannot be used with --engine: name the two columns'],
    [
      [...cluster, ...columns, '--time', 't', '--half-life', '30d'],
      '--half-life cannot be used with --engine: Spark computes powers in other bits',
    ],
    [
      [...cluster, ...columns, '--delimiter', ';'],
      '--delimiter cannot be used with --engine: the cluster reads tables, not files',
    ],
    [[...cluster, ...columns, '--no-header'], '--no-header cannot be used with --engine'],
    [[...cluster, ...columns, '--bad-rows', 'skip'], '--bad-rows skip cannot be used with --engine; use try_cast'],
    [[...cluster, ...columns, '--memory-limit', '1GB'], '--memory-limit cannot be used with --engine'],
    [[...cluster, ...columns, '--sql', 'SELECT 1'], '--sql takes the place of --table, got both'],
    [
      [...cluster, ...columns, '--engine-ca', 'ca.pem'],
      '--engine-ca needs --engine sparks://host:port, got spark://127.0.0.1:1',
    ],
    [
      [...cluster, ...columns, '--work', 'work'],
      "--work must be a folder of the cluster's storage, as an address such as s3a://bucket/work or an absolute path",
    ],
    [['--engine', 'spark://h:1', ...columns], '--engine needs --table NAME or --sql QUERY'],
    [
      ['--engine', 'sc://h:1', '--table', 't', ...columns],
      '--engine must be spark://host:port, or sparks://host:port for TLS',
    ],
    [
      ['--engine', 'sparks://h:1', '--table', 't', ...columns, '--engine-ca', 'none.pem'],
      '--engine-ca none.pem cannot be read',
    ],
    [[...cluster, '--history', 'user'], '--category'],
    [[file, ...columns, '--table', 't'], '--table needs --engine spark://host:port, got none'],
    [[file, ...columns, '--engine-ca', 't'], '--engine-ca needs --engine spark://host:port, got none'],
  ])('is told what does not go together: %j', async (words, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand(train(...words));

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('says that nothing listens', async () => {
    const address = `spark://127.0.0.1:${await freePort()}`;
    const { exitCode, stderr } = await runCommand(train('--engine', address, '--table', 't', ...columns));

    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr:
        `error: ${address} cannot be reached: nothing listens there; start Spark's Connect server, or check ` +
        `host and port\n`,
    });
  });

  test('sends the token of the environment, and never in plain text to another machine', async () => {
    const { address } = await fakeWith({ token: 'secret', refusal: { code: 13, message: 'let in' } });
    const words = (engine: string) => train('--engine', engine, '--table', 't', ...columns);
    const outcomes: string[] = [];
    for (const token of ['secret', 'wrong', '']) {
      vi.stubEnv('SPARK_CONNECT_AUTHENTICATE_TOKEN', token);
      outcomes.push((await runCommand(words(address))).stderr);
    }
    vi.stubEnv('SPARK_CONNECT_AUTHENTICATE_TOKEN', 'secret');
    outcomes.push((await runCommand(words('spark://elsewhere.example:1'))).stderr);

    expect(outcomes[0]).toContain('let in');
    expect(outcomes[1]).toContain('does not accept the token; set SPARK_CONNECT_AUTHENTICATE_TOKEN');
    expect(outcomes[2]).toContain('does not accept the token');
    expect(outcomes[3]).toContain('a token must not travel in plain text');
    expect(outcomes.join('')).not.toContain('secret');
  });

  test('tells what Spark refused, with its class and what to do', async () => {
    const message = '[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column with name `pric` cannot be resolved. SQLSTATE: 42703';
    const { address } = await fakeWith({ refusal: { code: 13, message } });
    const { exitCode, stderr } = await runCommand(train('--engine', address, '--table', 't', ...columns));

    expect(exitCode).toBe(2);
    expect(stderr).toBe(
      'error: Spark refused the query: A column with name `pric` cannot be resolved ' +
        '(UNRESOLVED_COLUMN.WITH_SUGGESTION, SQLSTATE 42703); check the names of the columns\n',
    );
  });

  test('interrupts the query on Ctrl-C and ends with 130', async () => {
    const fake = await fakeWith({ isSilentUntil: Promise.resolve() });
    const stop = new AbortController();
    const running = runCommand(train('--engine', fake.address, '--table', 't', ...columns), { signal: stop.signal });
    await vi.waitFor(() => expect(fake.calls).toContain('ExecutePlan'), { timeout: 60_000 });
    stop.abort();
    const { exitCode, stdout } = await running;

    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(fake.interrupted).toHaveLength(1);
    expect(fake.calls.at(-1)).toBe('ReleaseSession');
  });
});

describeWith('sail', '--engine on Sail', () => {
  let server: Server;
  let path: string;
  beforeAll(async () => {
    path = await writeLog(folder);
    server = await startSail();
  });
  afterAll(() => server.stop());

  const options = ['--dimension', '8', '--epochs', '2', '--min-count', '20', '--time', 'at', '--session-gap', '5d'];

  test('trains the vectors that the file trains, from a table and from a query', async () => {
    const fromFile = join(folder, 'file.parquet');
    const {
      seconds: _,
      readSeconds: __,
      pairsPerSecond: ___,
      peakMegabytes: ____,
      ...expected
    } = await runJson(['train', path, ...columns, ...options, '--where', 'price < 60', '--out', fromFile]);
    const sources = [
      ['--table', `parquet.\`${path}\``, '--where', 'price < 60'],
      ['--sql', `SELECT * FROM parquet.\`${path}\` WHERE price < 60`],
    ];
    for (const source of sources) {
      const out = join(folder, 'cluster.parquet');
      const words = ['train', '--engine', server.address, ...source, ...columns, ...options, '--out', out];
      const trained = await runJson(words);
      const [one, other] = [await readEmbedding(fromFile), await readEmbedding(out)];

      expect(trained).toMatchObject(source[0] === '--table' ? { ...expected, out } : { clicks: expected.clicks });
      expect(other.vocabulary.keys).toEqual(one.vocabulary.keys);
      expect(Buffer.from(other.vectors.buffer).equals(Buffer.from(one.vectors.buffer))).toBe(true);
      expect(other.provenance.source).toMatchObject({ engine: 'spark', history: 'user', category: 'item' });
    }
  });

  test('shows how far the cluster is', async () => {
    const cluster = ['--engine', server.address, '--table', `parquet.\`${path}\``];
    const { stderr } = await runCommand(train(...cluster, ...columns, ...options));

    expect(stderr).toContain(`parquet.\`${path}\`: `);
    expect(stderr).toContain('dropped');
  });

  test('asks the questions of a backtest', async () => {
    const asked = [...columns, '--time', 'at', '--dimension', '8', '--epochs', '1', '--resamples', '20'];
    const fromFile = await runJson(['backtest', path, ...asked]);
    const onCluster = await runJson([
      'backtest',
      '--engine',
      server.address,
      '--table',
      `parquet.\`${path}\``,
      ...asked,
    ]);

    expect(onCluster).toEqual(fromFile);
  });

  test('prepares the shards that the file gives', async () => {
    const asked = [...columns, '--time', 'at', '--session-gap', '5d', '--shard-clicks', '4000'];
    const [one, other] = [join(folder, 'of-file'), join(folder, 'of-cluster')];
    await runJson(['prepare', path, ...asked, '--out', one]);
    const cluster = ['--engine', server.address, '--table', `parquet.\`${path}\``];
    await runJson(['prepare', ...cluster, ...asked, '--out', other]);
    const names = readdirSync(one).sort();

    expect(names.length).toBeGreaterThan(4);
    expect(readdirSync(other).sort()).toEqual(names);
    const log = sparkLog(
      { table: `parquet.\`${path}\`` },
      { engine: server.address, history: 'user', category: 'item', time: 'at', sessionGap: '5d' },
    );
    await prepareArrivingLog(join(folder, 'of-program'), log, { shardClicks: 4000 });
    for (const name of names) {
      expect(readFileSync(join(folder, 'of-program', name)).equals(readFileSync(join(other, name)))).toBe(true);
    }
    for (const name of names.filter((each) => each !== 'manifest.json')) {
      expect({ name, same: readFileSync(join(other, name)).equals(readFileSync(join(one, name))) }).toEqual({
        name,
        same: true,
      });
    }
  });

  test('prepares shards that keep their seed where equal times may have gone by lot', async () => {
    const out = join(folder, 'with-lots');
    const cluster = ['--engine', server.address, '--table', `parquet.\`${path}\``];
    await runJson(['prepare', ...cluster, ...columns, '--time', 'at', '--max-history', '5', '--out', out]);
    const { exitCode, stderr } = await runCommand(train(out, '--seed', '2'));

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: --seed must be 1, as when/);
  });

  test('names a column that is not there', async () => {
    const { exitCode, stderr } = await runCommand(
      train('--engine', server.address, '--table', `parquet.\`${path}\``, '--history', 'usr', '--category', 'item'),
    );

    expect({ exitCode, stderr: stderr.split('\n')[0] }).toEqual({
      exitCode: 2,
      stderr: 'error: --history must name a column of the event log, got "usr"; did you mean user?',
    });
  });
});
