/** Odd inputs through whole commands: each is refused by name, or warned about, and never passes in silence. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { makeFolder, writeParquet } from '../duckdb/files.js';
import { embeddingOf } from '../formats/samples.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const start = 1_704_067_200;
const training = ['--history', 'u', '--category', 'c', '--dimension', '2', '--epochs', '1', '--threads', '1'];
const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1'];

test('one time in milliseconds of 720 in seconds is refused by its line, also where ages count', async () => {
  const rows = Array.from(
    { length: 720 },
    (_, i) => `u${i % 40},c${(i * 7) % 12},${i === 411 ? `${start}123` : start + 3600 * i}`,
  );
  writeFileSync(at('units.csv'), `u,c,t\n${rows.join('\n')}\n`);
  const train = [
    'train',
    at('units.csv'),
    ...training,
    '--time',
    't',
    '--half-life',
    '1d',
    '--out',
    at('units.parquet'),
  ];
  const refused = await runCommand(train);
  expect(refused).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(
      new RegExp(`time must be in one unit, got "${start}123" in line 413 of .*units\\.csv`),
    ),
  });
  const unit = await runCommand([...train, '--time-unit', 's']);
  expect(unit).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('in line 413 of') });
  const found = await runJson([...train, '--bad-rows', 'skip']);
  expect(found).toMatchObject({ clicks: expect.any(Number), dropped: { badRows: { count: 1, causes: { time: 1 } } } });
});

describe('an output', () => {
  test('with a slash at its end is refused before any work', async () => {
    writeFileSync(at('small.csv'), 'u,c\n1,a\n1,b\n2,a\n2,b\n');
    const { exitCode, stderr } = await runCommand([
      'train',
      at('small.csv'),
      ...training,
      '--out',
      `${at('o.parquet')}/`,
    ]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/^error: --out must name a file, got the name of a folder ".*o\.parquet\/"\n$/),
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('o.parquet'))).toEqual([]);
  });
});

describe('click train', () => {
  const train = (rows: readonly string[]) => {
    writeFileSync(at('rows.csv'), `y,ad,t\n${rows.join('\n')}\n`);
    return [
      'click',
      'train',
      at('rows.csv'),
      '--label',
      'y',
      '--categorical',
      'ad',
      '--time',
      't',
      ...network,
      '--out',
      at('m'),
    ];
  };

  test('names the validation part where it holds one class', async () => {
    const rows = Array.from({ length: 200 }, (_, i) => `${i < 150 ? i & 1 : 0},a${i % 5},${start + i * 60}`);
    const { exitCode, stderr } = await runCommand(train(rows));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(
        /^error: labels of the validation part must be both 0 and 1, got 0 in all 20 rows/m,
      ),
    });
  });

  test.each(['NaN', 'nan', '', 'null', '2', '0.5'])('refuses the label %j by its line', async (label) => {
    const rows = Array.from({ length: 60 }, (_, i) => `${i === 7 ? label : i & 1},a${i % 5},${start + i * 60}`);
    const { exitCode, stderr } = await runCommand(train(rows));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/label must be 0 or 1.*line 9 of .*rows\.csv/),
    });
  });

  test('refuses a label of NaN in Parquet by its row', async () => {
    const sql = `SELECT CASE WHEN range = 7 THEN 'nan'::DOUBLE ELSE range % 2 END AS y, 'a' || range % 5 AS ad FROM range(60)`;
    const path = await writeParquet(folder, 'labels.parquet', sql);
    const words = ['click', 'train', path, '--label', 'y', '--categorical', 'ad', ...network, '--out', at('m')];
    const { exitCode, stderr } = await runCommand(words);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/label must be 0 or 1.*row 8 of/),
    });
  });
});

test('click train warns of a column that tells the label, and of one wild number, once the model stands', async () => {
  const rows = Array.from(
    { length: 300 },
    (_, i) => `${(i % 7) & 1},a${i % 5},${(i % 7) & 1},${i === 9 ? 1e12 : i % 90}`,
  );
  writeFileSync(at('telling.csv'), `y,ad,opened,age\n${rows.join('\n')}\n`);
  const words = ['click', 'train', at('telling.csv'), '--label', 'y', '--categorical', 'ad,opened', '--numeric', 'age'];
  const { exitCode, stderr } = await runCommand([...words, ...network, '--out', at('telling'), '--quiet']);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^warning: opened alone tells clicks from the rest with an AUC of 1\.000: .*\nwarning: age is 1000000000000 in 1 of /,
    ),
  });
});

test.each([
  ['a number', '--numeric', "'nan'::DOUBLE"],
  ['a category', '--categorical', 'NULL::VARCHAR'],
  ['a list', '--list', '[NULL]::VARCHAR[]'],
])('click train warns of %s that no row has', async (_, flag, value) => {
  const sql = `SELECT i % 2 AS y, 'a' || i % 5 AS ad, ${value} AS none FROM range(60) t(i)`;
  const words = ['click', 'train', await writeParquet(folder, 'none.parquet', sql), '--label', 'y'];
  const more = ['--categorical', 'ad', flag, 'none', ...network, '--out', at('none-model'), '--overwrite', '--quiet'];
  const { exitCode, stderr } = await runCommand([...words, ...more]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^warning: none holds no value in any row of .*none\.parquet; leave it out, or fix it$/m,
    ),
  });
});

test('click predict and click evaluate warn of unknown rows, of far numbers and of few clicks', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => [i % 8 === 0 ? 1 : 0, `a${i % 5}`, 10 + (i % 9)]);
  const write = (name: string, of: readonly (readonly unknown[])[]) =>
    writeFileSync(at(name), `y,ad,age\n${of.map((row) => row.join(',')).join('\n')}\n`);
  write('known.csv', rows);
  const words = ['click', 'train', at('known.csv'), '--label', 'y', '--categorical', 'ad', '--numeric', 'age'];
  await runCommand([...words, ...network, '--out', at('known')]);
  write(
    'other.csv',
    rows.slice(0, 60).map(([y, ad, age], i) => [y, i % 4 === 0 ? ad : 'new', Number(age) * 3600]),
  );
  const expected = [
    'warning: values of ad are in the model in only 15 of 60 rows (25.0 %), though 5 of the 6 distinct ones are: "new"',
    'warning: age is more than 32 standard deviations from its mean in training',
  ];
  const predicted = await runCommand(['click', 'predict', at('known'), at('other.csv'), '--out', at('predicted.csv')]);
  const judged = await runCommand(['click', 'evaluate', at('known'), at('other.csv')]);
  for (const { stderr } of [predicted, judged]) for (const text of expected) expect(stderr).toContain(text);
  expect(judged.stderr).toContain('warning: the scores are of 8 clicks, too few');
  const clean = await runCommand(['click', 'predict', at('known'), at('known.csv'), '--out', at('predicted.csv')]);
  expect(clean).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('warning') });
});

test('a column whose name has blanks around it is suggested', async () => {
  writeFileSync(at('blanks.csv'), 'u, c\n1,a\n1,b\n2,a\n2,b\n');
  const { stderr } = await runCommand(['train', at('blanks.csv'), ...training, '--out', at('blanks.parquet')]);
  expect(stderr).toMatch(/got "c"; did you mean " c"\?\n$/);
});

test('map lays out vectors of ±3e38 in finite numbers, or refuses them', async () => {
  const sample = embeddingOf(
    Array.from({ length: 12 }, (_, i) => `c${i}`),
    3,
  );
  const vectors = Float32Array.from(sample.vectors, (_, i) => (i % 2 === 0 ? 3e38 : -3e38) * (i % 5 === 0 ? 0.5 : 1));
  await writeEmbedding(at('huge.parquet'), new Embedding({ vocabulary: sample.vocabulary, dimension: 3, vectors }));
  for (const method of ['pca', 'tsne']) {
    const out = at(`huge-${method}.csv`);
    const { exitCode, stderr } = await runCommand([
      'map',
      at('huge.parquet'),
      '--method',
      method,
      '--out',
      out,
      '--quiet',
    ]);
    const written = existsSync(out) ? readFileSync(out, 'utf8') : '';
    const isRefused = exitCode === 2 && /^error: [^\n]+\n$/.test(stderr);
    expect({ method, isRight: isRefused || (exitCode === 0 && !/inf|nan/i.test(written)), stderr }).toMatchObject({
      isRight: true,
    });
  }
});

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
test.skipIf(process.platform !== 'linux' || !existsSync(program))(
  'too few open files are told as such, with exit code 2',
  () => {
    writeFileSync(at('few.csv'), 'u,c\n1,a\n1,b\n2,a\n2,b\n');
    const words = ['train', at('few.csv'), ...training, '--out', at('few.parquet')]
      .map((word) => `'${word}'`)
      .join(' ');
    for (const limit of [40, 64]) {
      const { status, stderr } = spawnSync(
        'bash',
        ['-c', `ulimit -n ${limit}; '${process.execPath}' '${program}' ${words}`],
        { encoding: 'utf8' },
      );
      expect({
        limit,
        isRight: status === 0 || (status === 2 && /^error: [^\n]+\n$/m.test(stderr)),
        stderr: status === 0 ? '' : stderr,
      }).toMatchObject({ isRight: true });
    }
  },
);

test('a weight that outweighs all others is warned of, with its number', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `u${i % 12},c${(i * 7) % 9},1`);
  const words = ['train', at('weights.csv'), ...training, '--weight', 'w', '--out', at('weights.parquet')];
  writeFileSync(at('weights.csv'), `u,c,w\n${rows.join('\n')}\nu1,c2,1e9\n`);
  expect((await runCommand(words)).stderr).toContain(
    'warning: the largest weight of w, 1000000000, is more than those of all 60 other rows together',
  );

  writeFileSync(at('weights.csv'), `u,c,w\n${rows.join('\n')}\nu1,c2,20\n`);
  expect((await runCommand(words)).stderr).not.toContain('largest weight');

  writeFileSync(
    at('weighed.csv'),
    `y,ad,w\n${rows.map((_, i) => `${i % 2},c${i % 9},${i === 7 ? 1e6 : 1}`).join('\n')}\n`,
  );
  const flags = ['--label', 'y', '--categorical', 'ad', '--weight', 'w', '--transfer', 'scratch'];
  expect(
    (await runCommand(['click', 'train', at('weighed.csv'), ...flags, ...network, '--out', at('heavy')])).stderr,
  ).toContain('warning: the largest weight of w, 1000000, is more than those of all 59 other rows together');
});

test('scores of few questions are warned of, with their number', async () => {
  writeFileSync(at('few.csv'), 'u,c\n1,a\n1,b\n1,d\n1,e\n2,a\n2,b\n2,d\n3,a\n3,d\n3,e\n3,b\n');
  const columns = ['--history', 'u', '--category', 'c', '--threads', '1'];
  const backtest = await runCommand(['backtest', at('few.csv'), ...columns, '--dimension', '2', '--epochs', '1']);
  expect(backtest).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/warning: the scores are of [1-3] questions?, too few/),
  });
  const tune = await runCommand(['tune', at('few.csv'), ...columns, '--trials', '1']);
  expect(tune).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/warning: the scores are of [1-3] questions?, too few/),
  });
});

test('word2vec text may begin with a byte order mark, and holds a category at least', async () => {
  writeFileSync(at('mark.txt'), '\uFEFF1 3\na 1 2 3\n');
  writeFileSync(at('none.txt'), '0 3\n');
  const words = (name: string) => ['import', at(name), '--format', 'word2vec', '--out', at('imported.parquet')];
  expect(await runCommand(words('mark.txt'))).toMatchObject({ exitCode: 0 });
  rmSync(at('imported.parquet'));
  expect(await runCommand(words('none.txt'))).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/cannot read .*none\.txt" as word2vec: expected at least one category, got none/),
  });
  expect(existsSync(at('imported.parquet'))).toBe(false);
});

test('vectors of zeros, and those of another category, are told with their number', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => `k${i} ${i < 3 ? '0 0 0' : i < 5 ? '1 2 3' : `${i} 1 0`}`);
  writeFileSync(at('zeros.txt'), `40 3\n${lines.join('\n')}\n`);
  const words = ['import', at('zeros.txt'), '--format', 'word2vec', '--out', at('zeros.parquet')];
  for (const each of [words, ['info', at('zeros.parquet')], ['neighbors', at('zeros.parquet'), 'k9']]) {
    expect((await runCommand(each)).stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/: 1 of 40 categories have the very vector of another, such as "k4" that of "k3"$/),
      expect.stringMatching(/^warning: .*: 3 of 40 categories have a vector of zeros, such as "k0": they have no/),
    ]);
  }
});

test('keys that all stand in quotes are warned of', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `u${i % 12},'c${(i * 7) % 9}'`);
  writeFileSync(at('quoted.csv'), `u,c\n${rows.join('\n')}\n`);
  const words = ['train', at('quoted.csv'), ...training, '--out', at('quoted.parquet')];
  expect((await runCommand(words)).stderr).toContain(
    "warning: all 9 keys of c stand in quotes, such as 'c0', which are read as a part of them: name the sign that quotes " +
      'fields with --quote, or take it away',
  );
  rmSync(at('quoted.parquet'));
  expect((await runCommand([...words, '--quote', "'"])).stderr).not.toContain('quotes');
});
