/** `prepare`, and the commands that read what it writes. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CountedSignal } from './counted-signal.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let log: string;
const at = (name: string): string => join(folder, name);

/** 300 users of four groups, with repeats, ties in time and weights. */
function rowsOfLog(): string[] {
  const rows: string[] = [];
  for (let user = 0; user < 300; user++) {
    for (let click = 0; click < 4 + (user % 9); click++) {
      const item = `g${user % 4}-${(user * 7 + click * click * 5) % 23}`;
      rows.push(`u${user},${item},${1_700_000_000 + ((user * 13 + click * 7919) % 50) * 3600},${1 + (click % 3)}`);
    }
  }
  return rows;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-prepare-'));
  log = at('clicks.csv');
  writeFileSync(log, `user,item,at,w\n${rowsOfLog().join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const columns = ['--history', 'user', '--category', 'item'];
const quick = ['--dimension', '8', '--epochs', '2', '--threads', '1'];
const unquick = ['--dimension', '8'];

/** Trains and gives the bytes of the embedding's file, which hold vectors, counts and how they were made. */
async function trained(words: readonly string[], training: readonly string[] = quick): Promise<string> {
  const out = at('embedding.parquet');
  await runJson(['train', ...words, ...training, '--out', out]);
  return readFileSync(out).toString('base64');
}

/** A prepared log of several shards to which something has happened. */
async function brokenBy(damage: (out: string) => void): Promise<string> {
  const broken = at('broken');
  if (!existsSync(at('whole'))) {
    await prepared('whole', [...columns, '--time', 'at', '--shard-clicks', '400']);
    await prepared('another', [...columns, '--time', 'at', '--shard-clicks', '400', '--where', 'w < 3']);
  }
  rmSync(broken, { recursive: true, force: true });
  cpSync(at('whole'), broken, { recursive: true });
  damage(broken);
  return broken;
}

/** Prepares in a folder of its own and gives its path. */
async function prepared(name: string, words: readonly string[]): Promise<string> {
  await runJson(['prepare', log, ...words, '--out', at(name)]);
  return at(name);
}

describe('prepare', () => {
  test('writes shards, vocabulary and manifest, and prints the object of the contract', async () => {
    const out = at('plain');
    const result = await runJson(['prepare', log, ...columns, '--time', 'at', '--shard-clicks', '700', '--out', out]);
    const { shards, clicks } = result;

    expect(Object.keys(result)).toEqual(['out', 'shards', 'histories', 'clicks', 'categories', 'dropped', 'times']);
    expect(shards).toBe(Math.ceil(Number(clicks) / 700));
    expect(result).toMatchObject({ out, histories: 300, categories: 92 });
    expect(readdirSync(out).sort()).toEqual([
      'manifest.json',
      ...Array.from({ length: Number(shards) }, (_, i) => `shard-0000${i}.parquet`),
      'vocabulary.parquet',
    ]);
    const manifest = readFileSync(join(out, 'manifest.json'), 'utf8');
    expect(manifest).not.toContain(folder);
    expect(JSON.parse(manifest)).toMatchObject({
      format: 1,
      log: { files: ['clicks.csv'], history: 'user', time: 'at' },
    });
  });

  test('gives the same bytes whatever the order of the rows', async () => {
    const shuffled = at('shuffled.csv');
    writeFileSync(shuffled, `user,item,at,w\n${rowsOfLog().toReversed().join('\n')}\n`);
    const words = [...columns, '--time', 'at', '--weight', 'w', '--max-history', '5', '--shard-clicks', '500'];
    const one = await prepared('one', words);
    await runJson(['prepare', shuffled, ...words, '--out', at('other')]);

    for (const name of readdirSync(one).filter((each) => each.endsWith('.parquet'))) {
      expect({ name, same: readFileSync(join(one, name)).equals(readFileSync(join(at('other'), name))) }).toEqual({
        name,
        same: true,
      });
    }
  });

  test('writes over its own folder, not over another', async () => {
    const out = await prepared('again', [...columns, '--shard-clicks', '200']);
    await runJson(['prepare', log, ...columns, '--out', out]);
    expect(readdirSync(out).sort()).toEqual(['manifest.json', 'shard-00000.parquet', 'vocabulary.parquet']);

    writeFileSync(join(out, 'notes.txt'), 'mine');
    const { exitCode, stderr } = await runCommand(['prepare', log, ...columns, '--out', out]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('it holds "notes.txt"'),
    });
    expect(await runCommand(['prepare', out, '--out', at('twice')])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is prepared already'),
    });
  });

  test('leaves nothing behind when it is stopped', async () => {
    const stop = new AbortController();
    const { exitCode } = await runCommand(['prepare', log, ...columns, '--shard-clicks', '1', '--out', at('never')], {
      signal: stop.signal,
      onStderr: () => stop.abort(),
    });

    expect(exitCode).toBe(130);
    expect(existsSync(at('never'))).toBe(false);
  });
});

const settings: readonly (readonly [title: string, ofLog: readonly string[], ofTraining: readonly string[]])[] = [
  ['plain', [], quick],
  ['floors', ['--min-count', '20', '--min-histories', '9'], quick],
  ['times and weights', ['--time', 'at', '--weight', 'w'], quick],
  ['half-life', ['--time', 'at', '--half-life', '1d'], quick],
  ['sessions and a cap', ['--time', 'at', '--session-gap', '9h', '--max-history', '4', '--min-histories', '5'], quick],
  ['a window', ['--time', 'at'], [...quick, '--context', 'window', '--window', '2']],
  ['CBOW', ['--keep-repeats'], [...quick, '--model', 'cbow']],
  ['pooled', [], [...quick, '--model', 'pooled']],
  ['spectral', ['--weight', 'w', '--time', 'at'], [...unquick, '--model', 'spectral']],
  ['a condition', ['--where', "item <> 'g1-1'"], quick],
];

/** What may happen to a prepared log, and what is then said. */
const damages: readonly (readonly [string, (shards: string) => void, RegExp])[] = [
  ['a shard is missing', (out) => rmSync(join(out, 'shard-00001.parquet')), /lacks shard-00001\.parquet/],
  [
    'a shard is cut short',
    (out) => truncateSync(join(out, 'shard-00002.parquet'), 900),
    /shard-00002\.parquet must have/,
  ],
  [
    'a shard is another',
    (out) => swap(out, 'shard-00001.parquet'),
    /shard-00001\.parquet (must have|is damaged or of another log)/,
  ],
  ['the manifest is missing', (out) => rmSync(join(out, 'manifest.json')), /got one without manifest\.json/],
  ['the vocabulary is missing', (out) => rmSync(join(out, 'vocabulary.parquet')), /lacks vocabulary\.parquet/],
  ['a bit has flipped', flip, /shard-00000\.parquet/],
  ['the vocabulary is another', (out) => writeFileSync(join(out, 'vocabulary.parquet'), 'PAR1'), /vocabulary\.parquet/],
  [
    'the manifest is damaged',
    (out) => writeFileSync(join(out, 'manifest.json'), '{"format":1'),
    /manifest\.json must be/,
  ],
  [
    'a shard is of another log',
    (out) => cpSync(at('another/shard-00001.parquet'), join(out, 'shard-00001.parquet')),
    /shard-00001\.parquet (must have|is damaged or of another log)/,
  ],
  [
    'the manifest is of tomorrow',
    (out) => writeFileSync(join(out, 'manifest.json'), '{"format":2}'),
    /of format 1, got 2/,
  ],
];

describe('train on a prepared log', () => {
  test.each(settings)('of one shard writes the file that the log gives: %s', async (_, ofLog, ofTraining) => {
    const out = await prepared('single', [...columns, ...ofLog]);

    expect(await trained([out], ofTraining)).toBe(await trained([log, ...columns, ...ofLog], ofTraining));
  });

  test.each(settings)('of many writes the file of train --shard-clicks: %s', async (_, ofLog, ofTraining) => {
    const words = [...columns, ...ofLog, '--shard-clicks', '400'];
    const out = await prepared('many', words);
    const threads = ofTraining.map((word) => (word === '1' ? '3' : word));

    expect(await trained([out], ofTraining)).toBe(await trained([log, ...words], threads));
  });

  test('reads rows of columns, and lists without a history', async () => {
    const lists = at('lists.jsonl');
    const rows = rowsOfLog().map((row) => row.split(','));
    writeFileSync(lists, rows.map(([user = '', item = '']) => JSON.stringify({ items: [user, item, 'x'] })).join('\n'));
    const asked = [
      [log, '--columns', 'item,w'],
      [lists, '--category', 'items'],
    ];
    for (const words of asked) {
      const [file = '', ...ofLog] = words;
      for (const dealt of [[], ['--shard-clicks', '900']]) {
        await runJson(['prepare', file, ...ofLog, ...dealt, '--out', at('rows')]);
        expect(await trained([at('rows')])).toBe(await trained([...words, ...dealt]));
      }
    }
  });

  test('takes other floors than it was prepared with, as shards hold everything', async () => {
    const out = await prepared('floors', [...columns, '--min-count', '5']);

    expect(await trained([out, '--min-count', '24'])).toBe(await trained([log, ...columns, '--min-count', '24']));
    expect(await trained([out])).toBe(await trained([log, ...columns, '--min-count', '5']));
  });

  test('says how many shards there are', async () => {
    const out = await prepared('told', [...columns, '--shard-clicks', '400']);
    const { stderr } = await runCommand(['train', out, ...quick, '--out', at('told.parquet')]);

    expect(stderr).toMatch(/shards +\d/);
    expect(stderr).toContain('training needs');
  });

  test.each([
    [['--history', 'item'], '--history must be "user", as when'],
    [['--category', 'user'], '--category must be "item"'],
    [['--columns', 'item,w'], '--columns must be left out'],
    [['--weight', 'w'], '--weight must be left out'],
    [['--where', 'true'], '--where must be left out'],
    [['--session-gap', '2h'], '--session-gap must be "none"'],
    [['--max-history', '7'], '--max-history must be 5'],
    [['--keep-repeats'], '--keep-repeats must be false'],
    [['--shard-clicks', '1000'], '--shard-clicks must be 64000000'],
    [['--no-header'], '--no-header says how a log is read'],
    [['--bad-rows', 'skip'], '--bad-rows says how a log is read'],
    [['--delimiter', ';'], '--delimiter says how a log is read'],
    [['--sql', 'SELECT 1'], '--sql'],
    [['--engine', 'spark://h:1', '--table', 't'], '--engine'],
    [['clicks.csv'], 'a prepared log is read alone'],
  ])('refuses what contradicts it: %j', async (words, sentence) => {
    const out = await prepared('contradicted', [...columns, '--time', 'at', '--max-history', '5']);
    const { exitCode, stdout, stderr } = await runCommand(['train', out, ...words, '--out', at('never.parquet')]);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(existsSync(at('never.parquet'))).toBe(false);
  });

  test('refuses another seed where the seed has chosen clicks, and takes it where it has not', async () => {
    const chosen = await prepared('chosen', [...columns, '--max-history', '5']);
    const words = ['--seed', '2', ...quick, '--out', at('seeded.parquet')];
    const { exitCode, stderr } = await runCommand(['train', chosen, ...words]);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--seed must be 1, as'),
    });

    const plain = await prepared('unchosen', columns);
    expect(await trained([plain, '--seed', '2'])).toBe(await trained([log, ...columns, '--seed', '2']));
  });

  test('takes flags that say the same', async () => {
    const out = await prepared('same', [...columns, '--time', 'at', '--max-history', '5']);
    const same = [...columns, '--time', 'at', '--max-history', '5', '--seed', '1'];

    expect(await trained([out, ...same])).toBe(await trained([out]));
  });

  test.each(damages)('names it before training where %s', async (_, damage, sentence) => {
    const broken = await brokenBy(damage);
    const { exitCode, stderr } = await runCommand(['train', broken, ...quick, '--out', at('never.parquet')]);

    expect(exitCode).toBe(2);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(sentence);
    expect(stderr).not.toContain('training needs');
  });

  test('resumes after Ctrl-C with the bits of a run that was never stopped', async () => {
    const out = await prepared('resumed', [...columns, '--shard-clicks', '300']);
    const training = ['--dimension', '8', '--epochs', '20', '--threads', '1'];
    const never = await trained([out], training);
    const stop = new CountedSignal();
    const keep = ['--checkpoint', at('checkpoint')];
    const words = ['train', out, ...training, ...keep, '--out', at('embedding.parquet')];
    const onStderr = (text: string) => void (text.includes('training needs') && stop.abortAfter(30));
    const { exitCode } = await runCommand(words, { signal: stop.signal, onStderr });
    expect(exitCode).toBe(130);

    expect(await trained([out, ...keep, '--resume'], training)).toBe(never);
  });

  test('leaves no temporary shards behind', async () => {
    const own = mkdtempSync(at('temporary-'));
    const seen = new Set<string>();
    const onStderr = (): void => readdirSync(own).forEach((name) => seen.add(name.slice(0, -6)));
    vi.stubEnv('TMPDIR', own);
    const words = ['train', log, ...columns, '--shard-clicks', '400', ...quick, '--out', at('embedding.parquet')];
    expect((await runCommand(words, { onStderr })).exitCode).toBe(0);
    vi.unstubAllEnvs();

    expect([...seen]).toContain('category2vec-shards-');
    expect(readdirSync(own)).toEqual([]);
  });
});

/** Other commands that read a prepared log, and the output that they must not leave. */
const readers: readonly (readonly [string, readonly string[]])[] = [
  ['backtest', [...unquick, '--epochs', '1', '--resamples', '20']],
  ['tune', ['--trials', '1', ...unquick, '--epochs', '1', '--resamples', '20', '--out', 'never.parquet']],
  ['features', ['--embedding', 'vectors.parquet', '--out', 'never.csv']],
  ['features', ['--embedding', 'vectors.parquet', '--part', '2/2', '--out', 'never.csv']],
];

describe('other commands on a prepared log', () => {
  beforeAll(async () => {
    await runJson(['train', log, ...columns, ...quick, '--out', at('vectors.parquet')]);
  });
  const inFolder = (words: readonly string[]) => words.map((word) => (/\.(parquet|csv)$/.test(word) ? at(word) : word));

  test.each(damages)('name it where %s', async (title, damage, sentence) => {
    const broken = await brokenBy(damage);
    for (const [command, words] of readers) {
      // the second part of two begins behind the first shard, and does not read it
      if (words.includes('--part') && title === 'a bit has flipped') continue;
      const { exitCode, stdout, stderr } = await runCommand([command, broken, ...inFolder(words)]);

      expect({ command, exitCode, stdout }).toEqual({ command, exitCode: 2, stdout: '' });
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(sentence);
      expect([existsSync(at('never.parquet')), existsSync(at('never.csv'))]).toEqual([false, false]);
    }
  });

  test.each([
    [['--history', 'item'], '--history must be "user", as when'],
    [['--time', 'w'], '--time must be "at"'],
    [['--where', 'true'], '--where must be left out'],
    [['--delimiter', ';'], '--delimiter says how a log is read'],
    [['clicks.csv'], 'a prepared log is read alone'],
  ])('refuse what contradicts it: %j', async (contradiction, sentence) => {
    const whole = await brokenBy(() => undefined);
    for (const [command, words] of readers) {
      const { exitCode, stdout, stderr } = await runCommand([command, whole, ...contradiction, ...inFolder(words)]);

      expect({ command, exitCode, stdout }).toEqual({ command, exitCode: 2, stdout: '' });
      expect(stderr).toContain(sentence);
    }
  });

  test('backtest asks the questions of the log', async () => {
    const words = [...columns, '--time', 'at'];
    const asked = ['--dimension', '8', '--epochs', '1', '--resamples', '20', '--min-count', '5'];
    const expected = await runJson(['backtest', log, ...words, ...asked]);
    const out = await prepared('tested', [...words, '--shard-clicks', '500']);

    expect(await runJson(['backtest', out, ...asked])).toEqual(expected);
    const drawn = await runJson(['backtest', log, ...words, ...asked, '--leave-last']);
    expect(await runJson(['backtest', out, ...asked, '--leave-last'])).toEqual(drawn);
  });

  test('tune tries what it tries on the log, and chooses alike', async () => {
    const words = [...columns, '--time', 'at'];
    const asked = ['--trials', '3', '--dimension', '8', '--epochs', '1', '--resamples', '20', '--seed', '2'];
    const expected = await runJson(['tune', log, ...words, ...asked]);
    const out = await prepared('tuned', [...words, '--shard-clicks', '500']);

    expect(await runJson(['tune', out, ...asked])).toEqual(expected);
  });

  test('features has a row for each history, as of the log', async () => {
    const words = [...columns, '--time', 'at', '--keep-repeats'];
    await trained([log, ...columns]);
    const out = await prepared('featured', [...words, '--shard-clicks', '500']);
    const options = ['--embedding', at('embedding.parquet'), '--time', 'at', '--half-life', '1d'];
    await runJson(['features', log, ...columns, ...options, '--out', at('a.csv')]);
    await runJson(['features', out, ...options, '--out', at('b.csv')]);

    expect(readFileSync(at('b.csv'), 'utf8')).toBe(readFileSync(at('a.csv'), 'utf8'));
  });
});

/** Puts another shard in the place of one. */
function swap(out: string, name: string): void {
  cpSync(join(out, 'shard-00000.parquet'), join(out, name));
}

/** Changes a byte in the middle of the first shard. */
function flip(out: string): void {
  const path = join(out, 'shard-00000.parquet');
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 3);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
