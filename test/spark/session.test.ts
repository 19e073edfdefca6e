import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sparkAddress } from '../../src/spark/address.js';
import { rowsOf } from '../../src/spark/arrow.js';
import { refusal, TransientFailure, UselessWork } from '../../src/spark/failures.js';
import { SparkSession, type SessionOptions } from '../../src/spark/session.js';
import { startFake, type Behavior, type FakeServer, type Fault } from './fake-server.js';
import { freePort } from './servers.js';

const open: FakeServer[] = [];
afterEach(async () => {
  for (const fake of open.splice(0)) await fake.stop();
});

async function fakeWith(behavior: Behavior): Promise<FakeServer> {
  const fake = await startFake(behavior);
  open.push(fake);
  return fake;
}

function sessionOn(address: string, options: Partial<SessionOptions> = {}): SparkSession {
  return new SparkSession({ address: sparkAddress(address), clientType: 'test', tag: 'test', ...options });
}

/** Reads a whole result: its numbers, in the order of their arrival. */
async function readAll(session: SparkSession): Promise<unknown[]> {
  await session.version();
  const rows = await rowsOf(session.query('SELECT id FROM t'));
  await session.close();
  return rows.map(({ id }) => id);
}

const inOrder = Array.from({ length: 100 }, (_, i) => i);

describe('a session', () => {
  const faults: [string, Fault[]][] = [
    ['no fault', []],
    ['streams that end early', [0, 3, 1, 5].map((after) => ({ kind: 'ends', after }))],
    ['streams that are cut', [2, 0, 4].map((after) => ({ kind: 'cut', after }))],
    ['connections that are reset', [1, 3, 2].map((after) => ({ kind: 'reset', after }))],
    ['messages that are cut in half', [1, 2].map((after) => ({ kind: 'half a message', after }))],
    ['a stream that is lost before its first answer', [{ kind: 'reset', after: 0 }]],
  ];
  test.each(faults)('reads every row once, in order, with %s', async (_, faults) => {
    const fake = await fakeWith({ faults });

    expect(await readAll(sessionOn(fake.address))).toEqual(inOrder);
    expect(fake.calls.filter((call) => call === 'ReattachExecute')).toHaveLength(faults.length);
    expect(fake.calls).toContain('ReleaseSession');
  });

  test('reads rows that are sent twice once', async () => {
    const fake = await fakeWith({ isDoubling: true, faults: [{ kind: 'cut', after: 3 }] });

    expect(await readAll(sessionOn(fake.address))).toEqual(inOrder);
  });

  test('notices rows that were lost', async () => {
    const fake = await fakeWith({ lost: [4] });

    await expect(readAll(sessionOn(fake.address))).rejects.toThrow('rows 20 to 30 of a result were lost on the way');
  });

  test('says that the server was restarted where its session changes', async () => {
    const fake = await fakeWith({ restartsAt: 5 });

    await expect(readAll(sessionOn(fake.address))).rejects.toThrow(`${fake.address} was restarted during the run`);
  });

  test('says what each of its operations is for, where the server lets it', async () => {
    const fake = await fakeWith({});
    const session = sessionOn(fake.address, { tag: 'category2vec' });
    await session.describe('a look at clicks');
    await session.run('SELECT 1');
    await session.describe('the histories of clicks');
    await session.run('SELECT 2');
    fake.behavior = { isFixed: true };
    await session.describe('nothing');
    await expect(session.configure({ option: 'value' })).rejects.toThrow('CANNOT_MODIFY_CONFIG');
    await session.run('SELECT 3');
    await session.close();

    const tags = ['category2vec'];
    expect(fake.operations).toEqual([
      { tags, description: 'category2vec: a look at clicks' },
      { tags, description: 'category2vec: the histories of clicks' },
      { tags, description: 'category2vec: the histories of clicks' },
    ]);
  });

  test('interrupts its query when it is stopped, waits until that is over, and ends the session', async () => {
    let heed: () => void = () => undefined;
    const fake = await fakeWith({ isSilentUntil: new Promise((resolve) => (heed = resolve)) });
    const controller = new AbortController();
    const session = sessionOn(fake.address, { signal: controller.signal });
    const reading = readAll(session).catch((error: unknown) => error);
    await vi.waitFor(() => expect(fake.calls).toContain('ExecutePlan'), { timeout: 60_000 });
    controller.abort(new Error('stopped by hand'));
    await vi.waitFor(() => expect(fake.calls).toContain('ReattachExecute'), { timeout: 60_000 });
    expect(fake.calls.slice(-2)).toEqual(['Interrupt', 'ReattachExecute']);
    heed();

    expect(await reading).toMatchObject({ message: 'stopped by hand' });
    await session.close();
    expect(fake.interrupted).toHaveLength(1);
    expect(fake.calls.slice(-2)).toEqual(['ReleaseExecute', 'ReleaseSession']);
  });

  test('says that a server is gone, after 14 seconds of attempts', async () => {
    const fake = await fakeWith({ faults: [{ kind: 'ends', after: 2 }], rows: 100 });
    const session = sessionOn(fake.address);
    await session.version();
    const reading = (async () => {
      for await (const _ of session.query('SELECT 1')) await fake.stop();
    })();

    await expect(reading).rejects.toThrow(/is gone: no answer after 14 s of attempts/);
    // and does not wait again to tidy up
    await expect(session.run('DROP TABLE t', { isTidying: true })).rejects.toThrow(/is gone: no answer after 0 s/);
  });

  test('sends the token, and says what to set where it is not accepted', async () => {
    const fake = await fakeWith({ token: 'secret' });

    expect(await readAll(sessionOn(fake.address, { token: 'secret' }))).toEqual(inOrder);
    for (const token of ['wrong', undefined]) {
      const read = readAll(sessionOn(fake.address, { token }));
      await expect(read).rejects.toThrow(
        `${fake.address} does not accept the token; set SPARK_CONNECT_AUTHENTICATE_TOKEN`,
      );
    }
  });

  test.each([
    [
      {
        code: 13,
        message: '[TABLE_OR_VIEW_NOT_FOUND] The table or view `t` cannot be found. Verify it.\nmore; SQLSTATE: 42P01',
        metadata: { errorClass: 'TABLE_OR_VIEW_NOT_FOUND', sqlState: '42P01' },
      },
      'Spark refused the query: The table or view `t` cannot be found. Verify it (TABLE_OR_VIEW_NOT_FOUND, ' +
        'SQLSTATE 42P01); check the name of the table, with its catalog and schema',
    ],
    [
      { code: 13, message: 'Job aborted due to stage failure: Task 0 failed\n\tat java.lang.Thread', metadata: {} },
      'Spark refused the query: Job aborted due to stage failure: Task 0 failed',
    ],
  ])('tells in one sentence what the server refused: %#', async (refusal, sentence) => {
    const fake = await fakeWith({ refusal });

    await expect(readAll(sessionOn(fake.address))).rejects.toThrow(
      new RegExp(`^${sentence.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`),
    );
  });

  test.each([
    [
      '[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have permission SELECT on table `main`.`clicks`',
      { errorClass: 'INSUFFICIENT_PERMISSIONS', sqlState: '42501' },
      / on table `main`\.`clicks` \(INSUFFICIENT_PERMISSIONS, SQLSTATE 42501\)/,
    ],
    [
      'PERMISSION_DENIED: User does not have USE SCHEMA on Schema main.web',
      { sqlState: '42501' },
      / on Schema main\.web \(SQLSTATE 42501\)/,
    ],
    [
      'Job aborted due to stage failure: Task 0 in stage 5.0 failed 4 times: java.nio.file.AccessDeniedException: s3a://b/c',
      {},
      /AccessDeniedException: s3a:\/\/b\/c/,
    ],
    [
      'org.apache.hadoop.security.AccessControlException: Permission denied: user=me, access=WRITE, inode="/work":hdfs',
      {},
      /Permission denied: user=me, access=WRITE, inode="\/work":hdfs/,
    ],
    [
      'Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times, most recent failure: Lost task 0.0 in stage ' +
        '1.0 (TID 9) (localhost executor driver): java.io.IOException: Mkdirs failed to create file:/work/category2vec_1',
      {},
      /Mkdirs failed to create file:\/work\/category2vec_1/,
    ],
  ])('says which right is missing, and what to do: %#', async (message, metadata, named) => {
    const fake = await fakeWith({ refusal: { code: 13, message, metadata } });
    const said = await readAll(sessionOn(fake.address)).then(() => 'nothing', String);

    expect(said).toMatch(
      /^InputError: Spark refused the query: [^\n]*; ask an administrator for the right to read the table, and to write/,
    );
    expect(said).toMatch(named);
  });

  test('says that nothing listens', async () => {
    const address = `spark://127.0.0.1:${await freePort()}`;

    await expect(readAll(sessionOn(address))).rejects.toThrow(`${address} cannot be reached: nothing listens there`);
  });

  test('says that another program listens', async () => {
    const other = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const at = other.address();
    const address = `spark://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`;

    await expect(readAll(sessionOn(address))).rejects.toThrow(/is no Spark Connect server|cannot be reached/);
    other.close();
  });

  const readPem = (name: string): string =>
    readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
  const tls = { key: readPem('key'), cert: readPem('certificate') };

  test('reads over TLS with an authority of its own, its token encrypted, also after the connection broke', async () => {
    const fake = await fakeWith({ tls, token: 'secret', faults: [{ kind: 'reset', after: 2 }] });
    const session = new SparkSession({
      address: sparkAddress(fake.address, 'secret'),
      token: 'secret',
      ca: tls.cert,
      clientType: 'test',
      tag: 'test',
    });

    expect(fake.address).toMatch(/^sparks:/);
    expect(await readAll(session)).toEqual(inOrder);
  });

  test('trusts no certificate that no authority has signed', async () => {
    const fake = await fakeWith({ tls });

    await expect(readAll(sessionOn(fake.address))).rejects.toThrow(
      new RegExp(
        `^the certificate of ${fake.address} cannot be trusted \\(.*\\); name the file of its authority with engineCa`,
      ),
    );
    expect(fake.calls).toEqual([]);
  });

  test('says that a server speaks TLS', async () => {
    const fake = await fakeWith({ tls });
    const address = fake.address.replace('sparks:', 'spark:');

    await expect(readAll(sessionOn(address))).rejects.toThrow(
      new RegExp(`^${address} (is no Spark Connect server|cannot be reached)`),
    );
  });

  test.each([
    [
      'Job aborted due to stage failure: Task 0 in stage 5.0 failed 1 times, most recent failure: Lost task 0.0 in stage 5.0 (TID 7): java.io.IOException: No space left on device\n\tat java.io.FileOutputStream.writeBytes',
      /No space left on device; a disk of the cluster is full/,
    ],
    [
      'Job aborted due to stage failure: ShuffleMapStage 3 has failed the maximum allowable number of times: 4. Most recent failure reason:\norg.apache.spark.shuffle.MetadataFetchFailedException: Missing an output location for shuffle 0 partition 0',
      /failed the maximum allowable number of times.*; the cluster lost files between its stages/,
    ],
    [
      'Job aborted due to stage failure: ResultStage 286 (Spark Connect - session_id: "33fe2603"\nuser_context {\n     ...) has failed the maximum allowable number of times: 4. Most recent failure reason:\norg.apache.spark.shuffle.FetchFailedException',
      /: ResultStage 286 has failed the maximum allowable number of times: 4.*; the cluster lost files between its/,
    ],
  ])('says what a job failed of while it ran: %#', async (message, expected) => {
    const fake = await fakeWith({ refusal: { code: 13, message } });

    await expect(readAll(sessionOn(fake.address))).rejects.toThrow(expected);
  });

  test.each([
    ['Task failed while writing', 'TASK_WRITE_FAILED', ['java.io.IOException: No space left on device'], UselessWork],
    ['Encountered error while reading file', 'FAILED_READ_FILE.FILE_NOT_EXIST', [], UselessWork],
    ['Job aborted: Missing an output location for shuffle 0', undefined, [], TransientFailure],
  ] as const)('knows what a failure leaves: %s', (message, errorClass, causes, kind) => {
    const found = refusal({ message, errorClass, causes, sqlState: undefined, errorId: undefined });
    expect(found).toBeInstanceOf(kind);
    expect(found.message).toMatch(/; (a disk of the cluster is full|a file of the log|the cluster lost files)/);
  });

  test('says that a server does not speak TLS', async () => {
    const fake = await fakeWith({});
    const address = fake.address.replace('spark:', 'sparks:');

    await expect(readAll(sessionOn(address))).rejects.toThrow(
      `${address} does not speak TLS; use spark:// for a server in plain text`,
    );
  });
});

describe('sparkAddress', () => {
  test.each([
    ['spark://host:15002', undefined, 'http://host:15002'],
    ['sparks://host:443', 'token', 'https://host:443'],
    ['spark://localhost', 'token', 'http://localhost:15002'],
    ['spark://127.0.0.1:1', 'token', 'http://127.0.0.1:1'],
    ['SPARK://[::1]:2/', undefined, 'http://[::1]:2'],
  ])('reads %s', (address, token, url) => {
    expect(sparkAddress(address, token).url).toBe(url);
  });

  test.each([
    'sc://host',
    'spark://',
    'spark://host:0',
    'spark://host:99999',
    'spark://user@host',
    'spark://host/;token=x',
    'http://host',
  ])('refuses %s', (address) => {
    expect(() => sparkAddress(address)).toThrow('engine must be spark://host:port');
  });

  test('refuses to send a token to another machine in plain text', () => {
    expect(() => sparkAddress('spark://host:1', 'secret')).toThrow('a token must not travel in plain text');
  });
});
