import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { divergenceWarning } from '../../src/cli/print/train-report.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { CountedSignal } from './counted-signal.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let log: string;
let out: string;

/** Users of four groups; those of a group click the categories of the group. */
function groupedLog(): string {
  const lines = ['user,shop,at'];
  for (let user = 0; user < 120; user++) {
    for (let click = 0; click < 6; click++)
      lines.push(`u${user},g${user % 4}-${(user * 7 + click * 5) % 11},${user * 10 + click}`);
  }
  return `${lines.join('\n')}\n`;
}

const columns = ['--history', 'user', '--category', 'shop'];
const quick = ['--dimension', '16', '--epochs', '5', '--threads', '1'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec train ü '));
  log = join(folder, 'clicks 😀.csv');
  out = join(folder, 'shops.parquet');
  writeFileSync(log, groupedLog());
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('train', () => {
  test('prints the object of the contract, and nothing else', async () => {
    const result = await runJson(['train', log, ...columns, '--out', out, ...quick]);

    const names =
      'out categories histories clicks dropped pairs pairsPerSecond seconds readSeconds loss epochs threads peakMegabytes';
    expect(Object.keys(result).join(' ')).toBe(names);
    expect(result).toMatchObject({ out, categories: 44, histories: 120, clicks: 720, epochs: 5, threads: 1 });
    expect(result.pairs).toBe(120 * 6 * 5 * 5);
  });

  test('finds the groups again', async () => {
    await runJson(['train', log, ...columns, '--out', out, ...quick, '--epochs', '5', '--learning-rate', '0.2']);
    const { neighbors } = await runJson(['neighbors', out, 'g2-0', '-k', '5']);

    expect(neighbors).toMatchObject(Array.from({ length: 5 }, () => ({ category: expect.stringMatching(/^g2-/) })));
  });

  test('tells what was read before it trains, and what to do next when it has', async () => {
    const { stdout, stderr } = await runCommand(['train', log, ...columns, '--out', out, ...quick, '--min-count', '2']);

    expect(stderr).toContain('720 clicks by 120 histories on 44 categories');
    expect(stderr).toMatch(/clicks a history +median \d+, maximum \d+/);
    expect(stdout).toContain('44 categories × 16 numbers');
    expect(stdout).toMatch(/Next: category2vec neighbors ".*shops\.parquet" g\d-\d/);
  });

  test('tells what each model found where it chooses for next clicks', async () => {
    const next = ['--goal', 'next', '--dimension', '16', '--threads', '1'];
    const { stderr } = await runCommand(['train', log, ...columns, '--out', out, ...next]);

    expect(stderr).toMatch(
      /epochs +(the spectral|(3|20) epochs of the pooled) model: of 120 clicks held out, the first ten hold \d\.\d{3} by /,
    );
  });

  test('says where neighbors will have no confidence, and only there', async () => {
    const stderrOf = async (epochs: string) =>
      (await runCommand(['train', log, ...columns, '--out', out, '--threads', '1', '--epochs', epochs])).stderr;

    expect(await stderrOf('1')).toMatch(
      /neighbors will have no confidence: .* which most often means few epochs, here 1, or few histories/,
    );
    expect(await stderrOf('40')).not.toMatch(/no confidence/);
  });

  test('the same log and seed give the same file, whatever the thread count', async () => {
    await runJson(['train', log, ...columns, '--out', out, ...quick]);
    const again = join(folder, 'again.parquet');
    await runJson(['train', log, ...columns, '--out', again, '--dimension', '16', '--epochs', '5', '--threads', '3']);

    expect(readFileSync(again).equals(readFileSync(out))).toBe(true);
    expect(readFileSync(out).includes(folder)).toBe(false);
  });

  test('a window needs the order of the clicks', async () => {
    const window = ['--context', 'window', '--window', '2'];

    expect(await runCommand(['train', log, ...columns, '--out', out, ...quick, ...window])).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
    expect(
      await runCommand(['train', log, ...columns, '--out', out, ...quick, ...window, '--time', 'at']),
    ).toMatchObject({ exitCode: 0 });
  });

  test.each([
    [['--window', '3'], '--window needs --context window'],
    [['--shuffle'], '--shuffle needs --context window'],
    [['--context', 'history', '--window', '5'], '--window needs --context window'],
    [['--context', 'window'], '--context window needs the order of clicks: name it with --time COLUMN'],
  ])('refuses %j, which would change nothing or cannot be done', async (given, sentence) => {
    for (const command of [['train', '--out', out], ['backtest']]) {
      const { exitCode, stdout, stderr } = await runCommand([...command, log, ...columns, ...given]);

      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain(`error: ${sentence}`);
    }
    expect(existsSync(out)).toBe(false);
  });

  test('a row of a table has no order, so that it has no window', async () => {
    const given = ['--columns', 'user,shop', '--context', 'window'];

    expect(await runCommand(['train', log, ...given, '--out', out])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--context window needs the order of clicks; --columns makes sets of the rows'),
    });
  });

  test('calls a missing weight a missing value', async () => {
    const lines = groupedLog().trimEnd().split('\n');
    writeFileSync(log, lines.map((line, i) => `${line},${i === 0 ? 'w' : i === 5 ? '' : '2'}`).join('\n'));
    const { stderr } = await runCommand(['train', log, ...columns, '--weight', 'w', '--out', out, ...quick]);

    expect(stderr).toMatch(/missing values +1 +0\.1 %/);
  });

  test.each(['1e300', '1e-300'])('refuses a weight of %s, which training could not tell apart', async (weight) => {
    writeFileSync(log, `user,shop,w\nu,a,1\nu,b,${weight}\n`);
    const { exitCode, stderr } = await runCommand(['train', log, ...columns, '--weight', 'w', '--out', out, ...quick]);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(`error: --weight must be a number from 1e-30 to 1e+30, got ${weight} in line 3 of `);
    expect(existsSync(out)).toBe(false);
  });

  test('warns where weights are so small that nothing is learned', async () => {
    writeFileSync(
      log,
      groupedLog()
        .replace(/(?<=\d)$/gm, ',1e-12')
        .replace('user,shop,at', 'user,shop,at,w'),
    );
    const small = await runCommand(['train', log, ...columns, '--weight', 'w', '--out', out, ...quick]);
    const plain = await runCommand(['train', log, ...columns, '--out', out, ...quick]);

    expect(small.stderr).toContain('warning: the vectors have hardly moved from where they began');
    expect(plain.stderr).not.toContain('hardly moved');
  });

  test('an attribute that is not there is named by the flag that asked for it', async () => {
    const shops = join(folder, 'shops.csv');
    writeFileSync(shops, 'shop,market\ng0-0,m\n');
    const joined = ['--attributes', shops, '--key', 'shop'];
    const refused = await runCommand(['train', log, ...columns, '--out', out, ...joined, '--negatives-within', 'nope']);
    expect(refused.stderr).toContain(`error: --negatives-within must be one of the embedding's (market), got "nope"`);

    await runJson(['train', log, ...columns, '--out', out, ...quick, ...joined]);
    for (const command of [
      ['evaluate', out, '--attribute', 'market'],
      ['neighbors', out, 'g0-0'],
    ]) {
      const { stderr } = await runCommand([...command, '--within', 'nope']);
      expect(stderr).toBe(`error: --within must be one of the embedding's (market), got "nope"\n`);
    }
  });

  test('a folder for temporary files that is not there is named as the shell knows it', async () => {
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'));
    const { exitCode, stderr } = await runCommand(['train', log, ...columns, '--out', out]);
    vi.unstubAllEnvs();

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: TMPDIR must be a writable folder, got .*nowhere: it does not exist\n$/);
  });

  test('makes the rows of a table histories, each column beside the others', async () => {
    const table = join(folder, 'table.csv');
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${i % 2 === 0 ? 'fr' : 'de'},${i % 2 === 0 ? 'paris' : 'bonn'},d${i % 7}`,
    );
    writeFileSync(table, `country,"city, town",device\n${rows.join('\n')}\n`);
    const names = ['--columns', 'country', '--columns', 'city, town', '--columns', 'device'];
    await runJson(['train', table, ...names, '--out', out, ...quick, '--learning-rate', '0.5']);

    expect(await runJson(['neighbors', out, 'city, town=paris', '-k', '1', '--within', 'column'])).toMatchObject({
      neighbors: [{ category: 'city, town=bonn', column: 'city, town' }],
    });
    expect(await runJson(['neighbors', out, 'country=fr', '--within', 'column'])).toMatchObject({
      neighbors: [{ category: 'country=de' }],
    });
  });

  test('joins attributes, and draws negatives within one if asked', async () => {
    const shops = join(folder, 'shops.csv');
    const keys = [0, 1, 2, 3].flatMap((group) => Array.from({ length: 11 }, (_, i) => `g${group}-${i},m${group % 2}`));
    writeFileSync(shops, `shop,market\n${keys.join('\n')}\n`);
    const joined = ['--attributes', shops, '--key', 'shop', '--negatives-within', 'market'];
    await runJson(['train', log, ...columns, '--out', out, ...quick, ...joined]);

    expect(await runJson(['info', out])).toMatchObject({ attributes: ['market'] });
    const { stderr } = await runCommand(['evaluate', out, '--attribute', 'market', '-k', '3']);
    expect(stderr).toContain('warning: negatives were drawn within market');
  });

  test('draws negatives from what was shown and not clicked', async () => {
    const shown = join(folder, 'shown.csv');
    const rows = Array.from({ length: 300 }, (_, i) => `u${i % 120},g${(i + 1) % 4}-${i % 11},${i % 3 === 0 ? 1 : 0}`);
    writeFileSync(shown, `user,shop,clicked\n${rows.join('\n')}\n`);
    const negatives = ['--negatives-from', shown, '--clicked', 'clicked'];

    expect(await runCommand(['train', log, ...columns, '--out', out, ...quick, ...negatives])).toMatchObject({
      exitCode: 0,
    });
    expect(await runCommand(['train', log, ...columns, '--out', out, '--clicked', 'clicked'])).toMatchObject({
      exitCode: 2,
    });
  });
});

test('a loss above that of zeros is warned of', () => {
  const embedding = (loss: number) =>
    new Embedding({
      vocabulary: new Vocabulary(['a'], Float64Array.of(1)),
      dimension: 1,
      vectors: Float32Array.of(1),
      provenance: { options: { negatives: 5 }, measures: { loss } },
    });

  expect(divergenceWarning(embedding(4.1))).toBeUndefined();
  expect(divergenceWarning(embedding(7.7e34))).toBe(
    'the loss of 7.700e+34 is above 4.159, that of vectors of zeros; lower --learning-rate',
  );
});

describe('what is wrong is said in one sentence, with 2 and no output file', () => {
  const cases: [title: string, argv: () => string[], sentence: RegExp][] = [
    [
      'no column named',
      () => [log],
      /train needs --history <column> and --category <column>, got none of them; the columns are user, shop, at/,
    ],
    [
      'a wrong column',
      () => [log, '--history', 'usr', '--category', 'shop'],
      /--history must be .* "usr"; did you mean "user"\?/,
    ],
    ['a missing file', () => [join(folder, 'no.csv'), ...columns], /no\.csv/],
    ['a folder as file', () => [folder, ...columns], /is a folder/],
    ['no file', () => [...columns], /event log must be named/],
    ['file and query', () => [log, '--sql', 'FROM x', ...columns], /--sql takes the place of files/],
    ['a broken query', () => ['--sql', 'SELEC 1', ...columns], /syntax error/],
    ['a broken condition', () => [log, ...columns, '--where', 'fooo = 1'], /--where "fooo = 1".*fooo/],
    ['an empty query', () => ['--sql', ' ', ...columns], /--sql must be a query such as .*, got nothing/],
    ['standard input twice', () => ['-', '-', ...columns], /- is standard input, which can be read once; got it twice/],
    ['a condition that none meets', () => [log, ...columns, '--where', 'false'], /clicks dropped: [\d,]+ by --where\)/],
    ['nothing left', () => [log, ...columns, '--min-count', '9999'], /nothing is left after the filters.*--min-count/],
    ['a gap without times', () => [log, ...columns, '--session-gap', '30m'], /--session-gap needs the time/],
    ['a gap that is none', () => [log, ...columns, '--session-gap', 'soon'], /--session-gap must be a length of time/],
    [
      'columns and history',
      () => [log, ...columns, '--columns', 'user,shop'],
      /--columns takes the place of --history/,
    ],
    ['one column', () => [log, '--columns', 'user'], /--columns must be two or more/],
    [
      'no attributes to draw within',
      () => [log, ...columns, '--negatives-within', 'x'],
      /--negatives-within needs attributes/,
    ],
    ['a wrong memory limit', () => [log, ...columns, '--memory-limit', 'lots'], /--memory-limit must be a size/],
    ['a wrong encoding', () => [log, ...columns, '--encoding', 'klingon'], /--encoding must be one such as/],
  ];
  test.each(cases)('%s', async (_, argv, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand(['train', ...argv(), '--out', out, '--quiet']);

    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(sentence);
    expect({ exitCode, stdout, exists: existsSync(out) }).toEqual({ exitCode: 2, stdout: '', exists: false });
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ['empty', '', /is empty/],
    ['of a heading only', 'user,shop\n', /no events/],
    ['of one category a user', 'user,shop\n1,a\n2,b\n', /nothing is left/],
    ['of noise', Uint8Array.from({ length: 9000 }, (_, i) => (i * i * 31 + i) % 256), /binary|text|CSV/],
  ])('a log %s', async (_, contents, sentence) => {
    writeFileSync(log, contents);
    const { exitCode, stdout, stderr } = await runCommand(['train', log, ...columns, '--out', out, '--quiet']);

    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(sentence);
    expect({ exitCode, stdout, exists: existsSync(out) }).toEqual({ exitCode: 2, stdout: '', exists: false });
  });

  test('an output that is the input, by another name too', async () => {
    const before = readFileSync(log);
    for (const path of [log, join(folder, '.', 'x', '..', 'clicks 😀.csv')]) {
      mkdirSync(join(folder, 'x'), { recursive: true });

      expect(await runCommand(['train', log, ...columns, '--out', path])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('--out must be another file than the input'),
      });
    }
    expect(readFileSync(log).equals(before)).toBe(true);
  });

  test('an output that a pattern of inputs matches', async () => {
    const path = join(folder, 'matched.csv');
    writeFileSync(path, 'user,shop\n1,a\n1,b\n');

    expect(await runCommand(['train', join(folder, 'match*.csv'), ...columns, '--out', path])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--out must be another file than the input'),
    });
    expect(readFileSync(path, 'utf8')).toBe('user,shop\n1,a\n1,b\n');
  });

  test.each([
    ['a quoted path', (path: string) => `'${path}'`],
    ['a quoted name', (path: string) => `"${path}"`],
    ["a function's argument", (path: string) => `read_csv('${path.replace(/queried/, 'quer*')}', all_varchar = true)`],
  ])('an output that a query reads as %s', async (_, from) => {
    const path = join(folder, 'queried.csv');
    writeFileSync(path, 'user,shop\n1,a\n1,b\n');

    expect(
      await runCommand(['train', '--sql', `SELECT * FROM ${from(path)}`, ...columns, '--out', path]),
    ).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--out must be another file than the input') });
    expect(readFileSync(path, 'utf8')).toBe('user,shop\n1,a\n1,b\n');
  });

  test.each([
    ['a folder that is not there', () => join(folder, 'no', 'e.parquet'), /there is no folder/],
    ['a folder itself', () => folder, /got the folder/],
    ['a file taken for a folder', () => join(log, 'e.parquet'), /cannot write/],
    ['nothing', () => '', /--out must name the file/],
  ])('an output in %s', async (_, path, sentence) => {
    const { exitCode, stderr } = await runCommand(['train', log, ...columns, '--out', path()]);

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  test.skipIf(process.getuid?.() === 0)('an output in an unwritable folder', async () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);

    expect(await runCommand(['train', log, ...columns, '--out', join(locked, 'e.parquet')])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('not writable'),
    });
  });
});

test('stopped while it trains, it leaves no file and ends with 130', async () => {
  const stop = new CountedSignal();
  const before = readdirSync(folder);
  const { exitCode, stdout, stderr } = await runCommand(['train', log, ...columns, '--out', out, '--epochs', '20'], {
    signal: stop.signal,
    onStderr: (text) => void (text.includes('720 clicks') && stop.abortAfter(10)),
  });

  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(stderr).toMatch(/stopped\n$/);
  expect(readdirSync(folder)).toEqual(before);
});
