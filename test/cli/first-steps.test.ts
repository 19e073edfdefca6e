/**
 * What somebody types who has not read the manual: other programs' names, forgotten flags, wrong endings, and what to
 * do next.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programName } from '../../src/cli/process.js';
import { writeParquet } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

let folder: string;
let log: string;
let plain: string;
let labeled: string;
const columns = ['--history', 'user', '--category', 'shop'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-first-'));
  const at = (name: string) => join(folder, name);
  [log, plain, labeled] = [at('clicks.csv'), at('plain.parquet'), at('labeled.parquet')];
  const clicks = Array.from({ length: 60 }, (_, i) => `u${i},g${i % 2}-${i % 6}\nu${i},g${i % 2}-${(i + 2) % 6}\n`);
  writeFileSync(log, `user,shop\n${clicks.join('')}`);
  const longer = clicks.map((rows, i) => `${rows}u${i},g${i % 2}-${(i + 4) % 6}\n`);
  writeFileSync(at('longer.csv'), `user,shop\n${longer.join('')}`);
  writeFileSync(at('labels.csv'), 'shop,market\ng0-0,a\ng0-2,a\ng0-4,a\ng1-1,b\ng1-3,b\ng1-5,b\n');
  writeFileSync(at('case.csv'), 'user,Item,item\nu1,x,a\nu1,y,b\nu2,x,a\nu2,y,b\n');
  const train = ['train', log, ...columns, '--epochs', '2', '--dimension', '8'];
  await runJson([...train, '--out', plain]);
  const shown = Array.from({ length: 120 }, (_, i) => `a${i % 3},${(i >> 2) & 1}\n`);
  writeFileSync(at('shown.csv'), `ad,y\n${shown.join('')}`);
  await writeParquet(folder, 'log.parquet', "SELECT 'a' AS user, 'b' AS shop");
  const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1'];
  await runJson([
    'click',
    'train',
    at('shown.csv'),
    '--label',
    'y',
    '--categorical',
    'ad',
    ...network,
    '--out',
    at('model'),
  ]);
  await runJson(['prepare', log, ...columns, '--out', at('prepared')]);
  await runJson([...train, '--attributes', at('labels.csv'), '--key', 'shop', '--out', labeled]);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs words in which `@name` is a file of the folder. */
function run(line: string, program?: string) {
  const words = line.split(' ').map((word) => (word.startsWith('@') ? join(folder, word.slice(1)) : word));
  return runCommand(words, program === undefined ? {} : { program });
}

describe('what comes next', () => {
  test.each([
    ['train @clicks.csv --history user --category shop --dimension 4 --epochs 1 --out @again.parquet', 'again', ''],
    ['neighbors @plain.parquet g0-0 -k 2', 'plain', ''],
    ['evaluate @labeled.parquet -k 1 --null 0', 'labeled', ' --color market'],
  ])('%s leads on to map, report and explore', async (line, name, color) => {
    const { stdout } = await run(line, 'npx category2vec');

    const file = join(folder, `${name}.parquet`);
    expect(stdout).toContain(`npx category2vec map ${file}${color} --out ${name}.png\n`);
    expect(stdout).toContain(`npx category2vec report ${file} --out ${name}.html\n`);
    expect(stdout).toContain(`npx category2vec explore ${file}\n`);
  });

  test('backtest leads on to a training for the same goal', async () => {
    const { stdout } = await run('backtest @longer.csv --history user --category shop --dimension 4');

    expect(stdout).toContain(
      `\nNext: category2vec train ${join(folder, 'longer.csv')} --history user --category shop --goal next --dimension 4 --out embedding.parquet\n`,
    );
  });

  test('every command names one, but those that keep running and those whose file is for other programs', () => {
    const last = ['explore', 'serve', 'features', 'export', 'click-export', 'click-predict'];
    const folders = 'src/cli/commands';
    const helpers = ['explore-server', 'click-examples'];
    const silent = readdirSync(folders)
      .map((name) => name.replace('.ts', ''))
      .filter(
        (name) => !/\bnext:|, next }|reportTraining|reportTuning/.test(readFileSync(`${folders}/${name}.ts`, 'utf8')),
      );

    expect(silent.filter((name) => !helpers.includes(name)).toSorted()).toEqual(last.toSorted());
  });

  test('is left out with --quiet and with --json', async () => {
    for (const flag of ['--quiet', '--json'])
      expect((await run(`neighbors @plain.parquet g0-0 ${flag}`)).stdout).not.toContain('Next');
  });

  test('a line can be pasted: it runs as it stands', async () => {
    const { stdout } = await run('neighbors @plain.parquet g0-0 -k 2');
    const [, line = ''] = /Next: category2vec (map .*)\n/.exec(stdout) ?? [];
    const out = join(folder, 'plain.png');

    expect(await runCommand([...line.split(' ').slice(0, -1), out, '--quiet'])).toMatchObject({ exitCode: 0 });
    expect(existsSync(out)).toBe(true);
  });

  test.each([
    ['/usr/bin/category2vec', {}, 'category2vec'],
    ['/home/a/.npm/_npx/1/node_modules/.bin/category2vec', { npm_command: 'exec' }, 'npx category2vec'],
    ['/home/a/project/node_modules/.bin/category2vec', {}, 'npx category2vec'],
    [join(process.cwd(), 'dist/cli/main.js'), {}, 'node dist/cli/main.js'],
  ])('%s is called again as it was', (script, environment, name) => {
    expect(programName(script, environment)).toBe(name);
  });
});

describe('help', () => {
  test('help click train shows that command, as click help train does', async () => {
    const { stdout } = await run('click train --help');

    expect(stdout).toContain('Usage: category2vec click train <impressions...>'.replace(/<(.*)>/, '[$1]'));
    expect((await run('help click train')).stdout).toBe(stdout);
    expect((await run('click help train')).stdout).toBe(stdout);
  });

  test('shows the flags that people use; --all the rest, grouped', async () => {
    const [common, all] = await Promise.all([run('train --help'), run('train --help --all')]);
    const flags = (text: string) => [...text.matchAll(/^ {2}(?:-\w, )?(-[\w-]+)/gm)].map(([, flag = '']) => flag);

    expect(flags(common.stdout).length).toBeLessThanOrEqual(18);
    expect(flags(common.stdout)).toEqual(expect.arrayContaining(['--history', '--category', '--dimension', '--out']));
    expect(common.stdout).toMatch(/category2vec train --help --all shows \d+ more options\.\n/);
    expect(flags(all.stdout)).toEqual(expect.arrayContaining([...flags(common.stdout), '--noise-exponent']));
    expect(all.stdout).toContain('\nCheckpoints\n');
  });

  test.each(['-V', '--version'])('%s prints the version', async (flag) => {
    expect(await run(flag)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

describe('a flag of another name is answered with ours', () => {
  test.each([
    ['train @clicks.csv --dim 8', "unknown option '--dim'; did you mean --dimension?"],
    ['train @clicks.csv --user user', "unknown option '--user'; did you mean --history?"],
    ['train @clicks.csv --item shop', "unknown option '--item'; did you mean --category?"],
    ['train @clicks.csv -o x.parquet', "unknown option '-o'; did you mean --out?"],
    ['train @clicks.csv --min_count 3', "unknown option '--min_count'; did you mean --min-count?"],
    ['train @clicks.csv --vector-size 3', "unknown option '--vector-size'; did you mean --dimension?"],
    ['train @clicks.csv --sg 1', "unknown option '--sg'; did you mean --model?"],
    ['evaluate @labeled.parquet --label market', "unknown option '--label'; did you mean --attribute?"],
    ['backtest @clicks.csv --test-size 0.1', "unknown option '--test-size'; did you mean --cut?"],
    ['version', "unknown command 'version'; did you mean --version?"],
    ['-v', "unknown option '-v'; did you mean --version?"],
    ['train @clicks.csv --workers 2', "unknown option '--workers'; did you mean --threads?"],
    ['neighbors @plain.parquet g0-0 -n 3', "unknown option '-n'; did you mean -k?"],
    ['neighbors @plain.parquet g0-0 --topn 3', "unknown option '--topn'; did you mean -k?"],
    ['simulate --output world', "unknown option '--output'; did you mean --out?"],
    ['click export model -o x', "unknown option '-o'; did you mean --out?"],
    ['predict', "unknown command 'predict'; did you mean click predict?"],
    ['click trian', "unknown command 'trian'; did you mean train?"],
  ])('%s', async (line, sentence) => {
    expect(await run(line)).toEqual({ exitCode: 2, stdout: '', stderr: `error: ${sentence}\n` });
  });
});

describe('a command that lacks several things lists them all', () => {
  test.each([
    ['train', '(<logs...>, - for standard input, or --sql), --history <column>, --category <column> and --out <file>'],
    [
      'train @clicks.csv --history user',
      '--category <column> and --out <file>, got none of them; the columns are user, shop',
    ],
    ['features @clicks.csv', '--history <column>, --embedding <file> and --out <file>'],
    ['neighbors', 'neighbors needs <embedding> and <categories...>, got none of them'],
    ['export', 'export needs <embedding> and --out <file>'],
    ['click train', 'click train needs impressions (<impressions...>, or --sql), --label <column> and --out <folder>'],
    ['click predict', 'click predict needs <model>, impressions (<impressions...>, or --sql) and --out <file>'],
    ['click export', 'click export needs <model> and --out <file>'],
  ])('%s', async (line, part) => {
    const { exitCode, stdout, stderr } = await run(line);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(part);
  });

  test('the sentence says how the program is called here', async () => {
    expect((await run('neighbors', 'npx category2vec')).stderr).toContain('`npx category2vec neighbors --help`');
  });
});

describe('names and endings', () => {
  test.each([
    ['train @clicks.csv --history user --category shop --out @x.csv', '--out must end in .parquet, got'],
    ['import @clicks.csv --format word2vec --out @x.npy', '`category2vec export` makes such a file'],
    ['export @plain.parquet --out @x.unknown', '--format must be one of word2vec (.txt'],
    ['click predict @model @clicks.csv --out @x.xlsx', '--out must end in .csv, .tsv or .parquet, got'],
  ])('%s is refused before the work', async (line, part) => {
    expect(await run(line)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(part) });
  });

  test.each([
    ['x.npy', 'x.keys.json'],
    ['x.txt', 'x.txt'],
    ['x.bin', 'x.bin'],
    ['x.safetensors', 'x.safetensors'],
    ['x.tsv', 'x.metadata.tsv'],
  ])('export --out %s takes the format from the ending, and import too', async (name, written) => {
    await runJson(['export', plain, '--out', join(folder, name)]);
    const back = await runJson(['import', join(folder, name), '--out', join(folder, 'back.parquet')]);

    expect(existsSync(join(folder, written))).toBe(true);
    expect(back).toMatchObject({ categories: 6, dimension: 8 });
  });

  test.each([
    ['evaluate @labeled.parquet --attribute markt', /got "markt"; did you mean "market"\?/],
    ['evaluate @labeled.parquet --attribute market --within mark', /got "mark"; did you mean "market"\?/],
    ['neighbors @labeled.parquet g0-0 --within marke', /got "marke"; did you mean "market"\?/],
    ['map @labeled.parquet --color markett --out @x.png', /got "markett"; did you mean "market"\?/],
    ['report @labeled.parquet --attribute mrket --out @x.html', /got "mrket"; did you mean "market"\?/],
    ['evaluate @plain.parquet --attributes @labels.csv --key shpo', /got "shpo"; did you mean "shop"\?/],
    ['neighbors @plain.parquet g0-9', /got "g0-9"; did you mean "g0-0"/],
    ['train @case.csv --history user --category item --out @x.parquet', /got "item"; did you mean "item_1"/],
    [
      'train @clicks.csv --history user --category shop --model skipgram --out @x.parquet',
      /did you mean "skip-gram"\?/,
    ],
    ['evaluate @plain.parquet --attribute vertical', /got "vertical"; join some with --attributes\n/],
  ])('%s asks whether another was meant', async (line, sentence) => {
    const { exitCode, stderr } = await run(line);

    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(sentence) });
  });

  test.each([
    [
      'train @click.csv --history user --category shop --out @x.parquet',
      /no file .*click\.csv; did you mean "clicks\.csv"/,
    ],
    ['neighbors @plain.parqet g0-0', /there is no such file; did you mean "plain\.parquet"/],
    ['neighbors @clicks.csv g0-0', /got one that begins with "user"; train makes an embedding of a log, import /],
    [
      'neighbors @log.parquet g0-0',
      /expected columns category and vector, got [^;]*; train makes an embedding of a log/,
    ],
    ['info @model', /expected the file of an embedding, got a click model, whose vectors are the files in /],
    ['info @prepared', /expected the file of an embedding, got a prepared log, of which train makes /],
    ['map @prepared --out @x.png', /expected the file of an embedding, got a prepared log/],
    [
      'train @clicks.csv --columns user --out @x.parquet',
      /--columns must be two or more, such as advertiser,publisher,/,
    ],
    [
      "train @clicks.csv --history user --category shop --out @x.parquet --where shp='a'",
      /column "shp" not found in FROM clause; did you mean "shop"\?/,
    ],
    [
      'train @clicks.csv --history user --category shop --out @x.parquet --where shop=Viplas',
      /column "Viplas" not found in FROM clause; if it is a text, write it in single quotes: 'Viplas'/,
    ],
    ['train --sql FROM|clicks --history user --category shop --out @x.parquet', /such as FROM 'clicks\.parquet'/],
    ["train --sql SELECT|lenght('a') --history user --category shop --out @x.parquet", /did you mean "length"/],
    ['train --sql PRAGMA|version --history user --category shop --out @x.parquet', /one SELECT, got .* kind PRAGMA/],
    [
      'train @clicks.csv --history user --category shop --half-life 3 --out @x.parquet',
      /got none; give them with --time/,
    ],
    ['backtest @clicks.csv --history user --category shop --cut 80', /a share between 0 and 1 such as 0\.8, or a time/],
    ['backtest @clicks.csv --history user --category shop --leave-last', /got none; give them with --time/],
    ['serve @plain.parquet', /the folder that holds embeddings and click models, got ".*", which is a file/],
    [
      'click train @shown.csv --label y --out @x',
      /must read at least one column, got none; name some with --categorical/,
    ],
    ['click train @shown.csv --label y --categorical ad,y --out @x', /--label must not be a feature as well, got "y"/],
    ['click train @shown.csv --label y --categorical ad --numeric y --out @x', /--label must not be a feature as well/],
    ['click predict @model @clicks.csv --out @x.csv', /got "ad"; the model reads a column of this name\n/],
  ])('%s leads on', async (line, sentence) => {
    const words = line.split(' ').map((word) => (word.startsWith('@') ? join(folder, word.slice(1)) : word));
    const { exitCode, stderr } = await runCommand(words.map((word) => word.replace('|', ' ')));

    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(sentence) });
  });

  test('a file that is named twice is read twice, with a word', async () => {
    const line =
      'train @clicks.csv @clicks.csv --history user --category shop --epochs 1 --dimension 4 --out @twice.parquet';
    const { exitCode, stderr } = await run(line);

    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/clicks\.csv is named more than once, and each of its rows counts as often\n/);
  });

  test('blanks after commas are no part of a name', async () => {
    const made = await runJson([
      'train',
      log,
      '--columns',
      'user, shop',
      '--epochs',
      '1',
      '--out',
      join(folder, 'c.parquet'),
    ]);

    expect(made).toMatchObject({ categories: 66 });
  });
});
