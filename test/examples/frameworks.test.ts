/** An exported embedding in other frameworks: the examples find the same vectors, and row 0 for what is unknown. */
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportEmbedding } from '../../src/duckdb/tables/exchange-files.js';
import { writeFeatures } from '../../src/duckdb/tables/write-features.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { historiesFromArrays } from '../../src/histories/from-arrays.js';
import { Vocabulary } from '../../src/vocabulary.js';
import { makeFolder } from '../duckdb/files.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = makeFolder();
const file = join(folder, 'vectors.npy');
/** Debian's, which has the packages; another one may stand first on the path */
const pythons = ['/usr/bin/python3', 'python3'];

beforeAll(async () => {
  const vectors = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15]);
  const vocabulary = new Vocabulary(['news', 'new site', 'sports'], Float64Array.of(3, 2, 1));
  await exportEmbedding(file, new Embedding({ vocabulary, dimension: 4, vectors }), {
    format: 'npy',
    unknownRow: { vector: 'mean' },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const expected = [
  'new site: row 2, [5.000, 6.000, 7.000, 8.000, …]',
  'never seen: row 0, [6.000, 7.000, 8.000, 9.000, …]',
  'sports: row 3, [12.000, 13.000, 14.000, 15.000, …]',
  '',
].join('\n');

function run(program: string, script: string): string {
  const words = [join(root, 'examples', script), file, 'new site', 'never seen', 'sports'];
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function pythonWith(module: string): string | undefined {
  return pythons.find((python) => {
    try {
      execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

describe('the vectors of an export, looked up by name', () => {
  test('in TensorFlow.js', () => {
    expect(run(process.execPath, 'embedding-in-tfjs.js')).toBe(expected);
  });

  test.each([
    ['PyTorch', 'torch', 'embedding-in-pytorch.py'],
    ['Keras', 'keras', 'embedding-in-keras.py'],
  ])('in %s, where it is installed', (_, module, script) => {
    const python = pythonWith(module);
    if (python === undefined) {
      console.log(`${module} is not installed: ${script} was not run`);
      return;
    }

    expect(run(python, script)).toBe(expected);
  });
});

test('features of histories teach scikit-learn what the vectors hold, where it is installed', async () => {
  const python = pythonWith('sklearn');
  if (python === undefined) {
    console.log('sklearn is not installed: features-for-any-model.py was not run');
    return;
  }
  const users = Array.from({ length: 120 }, (_, i) => `u${i}`);
  const histories = historiesFromArrays(
    users,
    users.map((_, i) => (i % 2 === 0 ? 'hund' : 'dog')),
    { keepKeys: true, keepSingles: true },
  );
  const vocabulary = new Vocabulary(['dog', 'hund'], Float64Array.of(60, 60));
  const vectors = Float32Array.of(1, 0, 0, 1);
  await writeFeatures(join(folder, 'users.npy'), {
    histories,
    embedding: new Embedding({ vocabulary, dimension: 2, vectors }),
  });
  const rows = users.map((user, i) => `${user},${i % 2 === 0 ? 'de' : 'en'},${i % 3 === 0 ? 'games' : 'travel'}`);
  writeFileSync(join(folder, 'users.csv'), ['user_id,language,topics', ...rows, ''].join('\n'));

  const words = [join(root, 'examples', 'features-for-any-model.py'), join(folder, 'users.npy')];
  const printed = execFileSync(python, [...words, join(folder, 'users.csv')], { encoding: 'utf8' });

  expect(printed).toContain('84 users to learn from, 36 held out, 5 numbers each\n');
  expect(printed).toMatch(/most common language +0\.\d+\n +logistic regression +1\.000\n +gradient boosting +1\.000\n/);
});
