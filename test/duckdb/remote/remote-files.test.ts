import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { s3FromEnvironment } from '../../../src/cli/flags/object-stores.js';
import { readHistories } from '../../../src/duckdb/events/read-histories.js';
import { fetchFile } from '../../../src/duckdb/remote/fetch-file.js';
import { bucketAndKey, s3File, type S3Access } from '../../../src/duckdb/remote/object-stores.js';
import { signRequest } from '../../../src/duckdb/remote/sign-request.js';
import { readEmbedding } from '../../../src/duckdb/tables/embedding-file.js';
import { runJson } from '../../cli/harness.js';
import { makeFolder, writeParquet, writeText } from '../files.js';
import { keys, noFaults, region, S3Server } from './s3-server.js';

const folder = makeFolder();
const server = new S3Server();
const now = () => new Date('2026-11-29T07:00:00Z');
const noExtensions = join(folder, 'no-extensions');
let access: S3Access;

beforeAll(async () => {
  mkdirSync(noExtensions);
  access = { credentials: keys, region, endpoint: await server.start() };
  for (const part of [1, 2, 3]) {
    const sql = `SELECT 'user ' || i % 40 AS user, 'item ' || (i * ${part}) % 17 AS item FROM range(300) t(i)`;
    const path = await writeParquet(folder, `part-${part}.parquet`, sql);
    server.objects.set(`clicks/day ${part} (ä)/part.parquet`, readFileSync(path));
  }
  server.objects.set('clicks/_SUCCESS', Buffer.alloc(0));
  server.objects.set('clicks/log.csv', Buffer.from('user,item\nann,a\nann,b\nbob,a\nbob,b\n'));
  server.objects.set('empty', Buffer.alloc(0));
  server.objects.set('large', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 31) % 251)));
});
afterAll(() => {
  server.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  server.asked.length = 0;
  Object.assign(server.faults, noFaults);
});

const columns = { history: 'user', category: 'item' };

function read(
  address: string | readonly string[],
  options: { readonly access?: S3Access; readonly signal?: AbortSignal } = {},
) {
  const { signal } = options;
  const s3 = () => Promise.resolve(options.access ?? access);
  const temporaryFolder = folder;
  return readHistories(
    address,
    { ...columns, extensionFolder: noExtensions, temporaryFolder, objectStores: { now, s3 } },
    { signal },
  );
}

function fetchLarge(rangeBytes: number): Promise<void> {
  const file = s3File({ address: 's3://bucket/large', bucket: 'bucket', key: 'large' }, access, { now });
  return fetchFile(file, join(folder, 'large'), { signal: undefined, rangeBytes });
}

describe('files of object stores, where DuckDB has no extension', () => {
  test('are signed as Amazon shows it', () => {
    const credentials = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    };
    const { authorization } = signRequest(
      {
        url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
        headers: { range: 'bytes=0-9' },
        region: 'us-east-1',
        now: new Date('2013-05-24T00:00:00Z'),
      },
      credentials,
    );
    expect(authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
        'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,' +
        'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  test('are read as files of this machine: one, and all that a pattern matches, page by page', async () => {
    const one = await read('s3://bucket/clicks/day 1 (ä)/part.parquet');
    const here = await readHistories(join(folder, 'part-1.parquet'), columns);
    expect(one.items).toEqual(here.items);

    const all = await read('s3://bucket/clicks/*/part.parquet');
    const alsoHere = await readHistories(join(folder, 'part-*.parquet'), columns);
    expect(all.items).toEqual(alsoHere.items);
    expect(all.vocabulary.keys).toEqual(alsoHere.vocabulary.keys);
    expect(server.asked.filter((line) => line.includes('list-type')).length).toBeGreaterThan(1);
  });

  test('are text as well, also of a web server that knows no ranges', async () => {
    const csv = await read('s3://bucket/clicks/log.csv');
    expect(csv.vocabulary.keys).toEqual(['a', 'b']);
    server.faults.isPlain = true;
    const web = await read(`${access.endpoint}/web/clicks/log.csv`);
    expect(web.items).toEqual(csv.items);
  });

  test.each(['busy', 'cuts'] as const)('are asked for again where the server stumbles: %s', async (fault) => {
    server.faults[fault] = 3;
    await fetchLarge(700);
    expect(readFileSync(join(folder, 'large'))).toEqual(server.objects.get('large'));
    // eight ranges, three of them twice
    expect(server.asked.length).toBe(11);
  });

  test.each([false, true])('are of one version, also of a server with weak tags: %j', async (isWeak) => {
    Object.assign(server.faults, { isWeak, changes: true });
    await expect(fetchLarge(700)).rejects.toThrow('s3://bucket/large has changed while it was read; read it again');
    server.faults.changes = false;
    await fetchLarge(700);
    expect(readFileSync(join(folder, 'large'))).toEqual(server.objects.get('large'));
  });

  test('are each a copy of its own where several are named', async () => {
    const parts = [1, 2, 3].map((part) => `s3://bucket/clicks/day ${part} (ä)/part.parquet`);
    const there = await read(parts);
    const here = await readHistories(join(folder, 'part-*.parquet'), columns);
    expect(there.items).toEqual(here.items);
    expect(there.dropped).toEqual(here.dropped);
  });

  test.each([false, true])(
    'are listed by patterns, whatever is in their names (names as text of XML: %j)',
    async (isXml) => {
      const names = ['a.csv', 'b c+d%20e/&=;.csv', '100%.csv', 'x/y/z.csv', 'x/y/z.txt'];
      for (const name of names) server.objects.set(`odd/${name}`, Buffer.from(`user,item\nann,${name}\nann,b\n`));
      server.faults.isXml = isXml;
      const found = async (pattern: string) =>
        [...(await read(`s3://bucket/odd/${pattern}`)).vocabulary.keys].filter((key) => key !== 'b').sort();
      expect(await found('*.csv')).toEqual(['100%.csv', 'a.csv']);
      expect(await found('**/*.csv')).toEqual(['100%.csv', 'a.csv', 'b c+d%20e/&=;.csv', 'x/y/z.csv']);
      expect(await found('x/**/*')).toEqual(['x/y/z.csv', 'x/y/z.txt']);
    },
  );

  test.each([
    ['RequestTimeTooSkewed', /may not be read \(403 RequestTimeTooSkewed\): this machine's clock is wrong/],
    ['ExpiredToken', /the credentials have expired; get new ones$/],
    ['InvalidAccessKeyId', /the store does not know AWS_ACCESS_KEY_ID/],
    ['NoSuchBucket', /^there is no bucket of s3:/],
    ['AccessDenied', /\(403 AccessDenied\); set AWS_ACCESS_KEY_ID and .* for a user that may read it$/],
  ])('say what to do where the store refuses: %s', async (code, message) => {
    server.faults.code = code;
    await expect(read('s3://bucket/clicks/log.csv')).rejects.toThrow(message);
  });

  test.each([
    ['s3://bucket/clicks/none.parquet', {}, /^there is no file s3:\/\/bucket\/clicks\/none\.parquet \(404 NoSuchKey\)/],
    ['s3://bucket/none/*.parquet', {}, /^no file matches s3:\/\/bucket\/none/],
    ['s3://bucket/clicks/log.csv', { credentials: undefined }, /may not be read \(403 .*\)/],
    [
      's3://bucket/clicks/log.csv',
      { region: 'mars' },
      /may not be read \(403 SignatureDoesNotMatch\): AWS_SECRET_ACCESS_KEY is not that of/,
    ],
    ['s3://bucket/clicks/log.csv', { endpoint: 'http://127.0.0.1:9' }, /cannot be read from here \(.*ECONNREFUSED.*\)/],
    ['s3:///clicks.csv', {}, /^an address of S3 must be such as s3:\/\/bucket\/clicks\.parquet/],
    ['gs://bucket/clicks.csv', {}, /is an address, .*extensionFolder/],
    ['https://example.com/*.csv', {}, /is a pattern, and a web server does not list its files/],
  ])('are refused in a sentence: %s %j', async (address, changed, message) => {
    await expect(read(address, { access: { ...access, ...changed } })).rejects.toThrow(message);
  });

  test('of no bytes are empty', async () => {
    await expect(read('s3://bucket/empty')).rejects.toThrow(/s3:\/\/bucket\/empty .*empty|empty.*s3:\/\/bucket\/empty/);
  });

  test('leave nothing behind where reading is stopped', async () => {
    server.faults.hangs = true;
    const controller = new AbortController();
    const reading = read('s3://bucket/large', { signal: controller.signal });
    await expect.poll(() => server.asked.length).toBe(1);
    controller.abort(new Error('stopped'));
    await expect(reading).rejects.toThrow('stopped');
    expect(readdirSync(folder).filter((name) => name.startsWith('category2vec-'))).toEqual([]);
  });
});

describe('train', () => {
  afterAll(() => vi.unstubAllEnvs());

  test('reads s3:// with what the environment says', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', keys.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey);
    vi.stubEnv('AWS_REGION', region);
    vi.stubEnv('AWS_ENDPOINT_URL', access.endpoint);
    const words = ['--history', 'user', '--category', 'item', '--dimension', '8', '--epochs', '1', '--threads', '1'];
    const trained = async (source: string, name: string): Promise<Float32Array> => {
      const out = join(folder, name);
      await runJson(['train', source, '--extension-folder', noExtensions, ...words, '--out', out]);
      return (await readEmbedding(out)).vectors;
    };
    const here = await trained(join(folder, 'part-*.parquet'), 'here.parquet');
    expect(await trained('s3://bucket/clicks/day*/part.parquet', 'there.parquet')).toEqual(here);
  });
});

describe('access to S3', () => {
  const files = {
    HOME: folder,
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  };
  beforeAll(() => {
    writeText(folder, 'config', '[default]\nregion = eu-1\n[profile work]\nregion=eu-2\nendpoint_url = http://store\n');
    writeText(
      folder,
      'credentials',
      '[default]\naws_access_key_id=A\naws_secret_access_key=B\n\n[work]\naws_access_key_id = C\n' +
        'aws_secret_access_key = D=\naws_session_token = E\n',
    );
  });

  test.each([
    ['nothing', { HOME: '/nowhere' }, { credentials: undefined, region: undefined, endpoint: undefined }],
    [
      'the profile that is the default',
      files,
      { credentials: { accessKeyId: 'A', secretAccessKey: 'B' }, region: 'eu-1' },
    ],
    [
      'another profile',
      { ...files, AWS_PROFILE: 'work' },
      {
        credentials: { accessKeyId: 'C', secretAccessKey: 'D=', sessionToken: 'E' },
        region: 'eu-2',
        endpoint: 'http://store',
      },
    ],
    [
      'variables before files',
      {
        ...files,
        AWS_ACCESS_KEY_ID: 'F',
        AWS_SECRET_ACCESS_KEY: 'G',
        AWS_REGION: 'us-1',
        AWS_ENDPOINT_URL: 'http://x',
      },
      { credentials: { accessKeyId: 'F', secretAccessKey: 'G' }, region: 'us-1', endpoint: 'http://x' },
    ],
  ])('is found as the tools of AWS find it: %s', async (_, env, expected) => {
    expect(await s3FromEnvironment(env)).toMatchObject(expected);
  });

  test('needs the profile that is named', async () => {
    await expect(s3FromEnvironment({ ...files, AWS_PROFILE: 'play' })).rejects.toThrow(
      /^AWS_PROFILE must name a profile of .*, got "play"$/,
    );
  });

  test('takes a bucket of its region from Amazon, one with dots by its path', () => {
    const at = (address: string, other?: string) =>
      s3File({ address, ...bucketAndKey(address) }, { region }, { now }).requestFor({}, other).url.href;
    expect(at('s3://clicks/a b/+.csv')).toBe('https://clicks.s3.eu-test-1.amazonaws.com/a%20b/%2B.csv');
    expect(at('s3://my.clicks/x')).toBe('https://s3.eu-test-1.amazonaws.com/my.clicks/x');
    // where the bucket's own region was named by a server
    expect(at('s3://clicks/x', 'eu-2')).toBe('https://clicks.s3.eu-2.amazonaws.com/x');
    expect(at('s3://my.clicks/x', 'eu-2')).toBe('https://s3.eu-2.amazonaws.com/my.clicks/x');
  });
});
