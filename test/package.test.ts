/** The packed tarball, installed elsewhere, works: library, types, browser entry and command. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importsOf, sourceFromText } from './structure/sources.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'category2vec-package-'));
const installed = join(folder, 'node_modules', 'category2vec');
const { version, dependencies, optionalDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
) as { version: string; dependencies: Record<string, string>; optionalDependencies: Record<string, string> };

beforeAll(() => {
  if (!existsSync(join(root, 'dist/index.js')))
    throw new Error('dist is missing: npm run build comes before this test');
  // npm test has built; building again here would pull files from under the other tests
  run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'elsewhere', private: true, type: 'module' }));
  installTarball(join(folder, `category2vec-${version}.tgz`));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed tarball, installed elsewhere', () => {
  test('holds what users need and none of the workshop', () => {
    expect(
      readdirSync(installed)
        .filter((name) => name !== 'node_modules')
        .toSorted(),
    ).toEqual(
      // of bench and examples, what the pages link to
      'CHANGELOG.md CONTRIBUTING.md LICENSE README.md bench dist docs examples package.json'.split(' ').toSorted(),
    );
  });

  test('has pages whose links lead to files that are in it', () => {
    const pages = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.md') && !name.startsWith('node_modules'),
    );
    const broken = pages.flatMap((page) => {
      const links = readFileSync(join(installed, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g);
      return Array.from(links, ([, link = '']) => link)
        .filter((link) => !existsSync(join(installed, dirname(page), link)))
        .map((link) => `${page}: ${link}`);
    });

    expect(pages).toContain('README.md');
    expect(broken).toEqual([]);
  });

  test('leads a bundler from its browser entry to no module of Node', () => {
    const { imports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      imports: Record<string, { default: string }>;
    };
    const met = new Set<string>();
    const outside: string[] = [];
    const follow = (file: string): void => {
      if (met.has(file)) return;
      met.add(file);
      for (const { specifier } of importsOf(sourceFromText(file, readFileSync(join(installed, file), 'utf8')))) {
        const target = imports[specifier]?.default ?? (specifier.startsWith('.') ? join(dirname(file), specifier) : '');
        if (target === '') outside.push(`${file}: ${specifier}`);
        else follow(join(target));
      }
    };
    follow('dist/browser.js');

    expect(outside).toEqual([]);
    expect(met).toContain('dist/engine/thread-web.js');
    expect([...met].filter((file) => file.endsWith('thread-node.js'))).toEqual([]);
  });

  test('trains as a library', () => {
    const printed = runModule(`
      import { historiesFromArrays, trainEmbedding } from 'category2vec';
      const histories = historiesFromArrays(['a', 'a', 'b', 'b', 'b'], ['x', 'y', 'y', 'z', 'x']);
      const embedding = await trainEmbedding(histories, { dimension: 8, epochs: 2, threads: 2 });
      console.log(embedding.vocabulary.size, embedding.nearest('x', 2).map(({ category }) => category).sort().join());
    `);

    expect(printed).toBe('3 y,z\n');
  });

  test('loads no native code before it is needed', () => {
    const printed = runModule(`
      import { historiesFromArrays, trainEmbedding } from 'category2vec';
      await trainEmbedding(historiesFromArrays(['a', 'a'], ['x', 'y']), { dimension: 8, epochs: 1, threads: 1 });
      console.log(process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node')).length);
    `);

    expect(printed).toBe('0\n');
  });

  test('trains from arrays without its optional parts, and says in a sentence what the rest needs', () => {
    // apart from the folder above, where Node would find them
    const slim = mkdtempSync(join(tmpdir(), 'category2vec-slim-'));
    cpSync(installed, join(slim, 'node_modules/category2vec'), { recursive: true });
    borrow(slim, Object.keys(dependencies));
    writeFileSync(join(slim, 'package.json'), '{ "type": "module" }');
    const printed = runModule(
      `
      import { historiesFromArrays, readHistories, trainEmbedding, writeEmbedding } from 'category2vec';
      import { renderReport } from 'category2vec/report';
      const histories = historiesFromArrays(['a', 'a'], ['x', 'y']);
      const embedding = await trainEmbedding(histories, { dimension: 8, epochs: 1, threads: 1 });
      console.log(embedding.vocabulary.size);
      const tell = (error) => console.log(error.name, error.message);
      await writeEmbedding('never.parquet', embedding).catch(tell);
      await readHistories('module.js', { history: 'a', category: 'b' }).catch(tell);
    `,
      slim,
    );
    rmSync(slim, { recursive: true, force: true });

    const [size, ...sentences] = printed.trim().split('\n');
    expect(size).toBe('2');
    expect(sentences).toHaveLength(2);
    for (const sentence of sentences) {
      expect(sentence).toMatch(/^InputError .* needs @duckdb\/node-api, an optional part of category2vec/);
    }
  });

  test('trains a click model as a library, reads it back and predicts', () => {
    writeFileSync(
      join(folder, 'impressions.csv'),
      `user,ad,clicked\n${Array.from({ length: 60 }, (_, i) => `${i % 9},${'xy'[i % 2]},${i % 2}`).join('\n')}\n`,
    );
    const printed = runModule(`
      import * as c from 'category2vec';
      const impressions = await c.readImpressions('impressions.csv', { label: 'clicked', categorical: ['ad'], user: 'user' });
      const split = c.splitImpressions(impressions, { by: 'row' });
      const { model } = await c.trainClickModel({ impressions, split }, { dimension: 4, epochs: 30, threads: 2 });
      await c.writeClickModel('model', { ...model, provenance: {} });
      const { encoder, network } = await c.readClickModel('model');
      const test = c.subsetRows(c.encodeImpressions(impressions, encoder), split.test);
      const metrics = c.clickMetrics(test.labels, await c.predictClicks(network, test));
      console.log(metrics.rows, metrics.auc.value);
    `);

    expect(printed).toBe('6 1\n');
  });

  test('makes a report as a library', () => {
    const printed = runModule(`
      import { historiesFromArrays, trainEmbedding } from 'category2vec';
      import { renderReport } from 'category2vec/report';
      const pairs = Array.from({ length: 400 }, (_, i) => [i % 50, 'c' + ((i * 7) % 23)]);
      const histories = historiesFromArrays(pairs.map(([user]) => user), pairs.map(([, city]) => city));
      const embedding = await trainEmbedding(histories, { dimension: 8, epochs: 2, threads: 1 });
      const { html } = await renderReport([{ name: 'cities', embedding }], { projection: { method: 'pca' } });
      console.log(html.startsWith('<!doctype html>'), html.includes('<svg'), html.includes('23 categories'));
    `);

    expect(printed).toBe('true true true\n');
  });

  test('opens its browser entry without Node', () => {
    expect(runModule(`console.log(typeof (await import('category2vec/browser')).trainEmbedding)`)).toBe('function\n');
  });

  test('serves the explorer, whose page is in the package', async () => {
    const child = spawn(join(folder, 'node_modules/.bin/category2vec'), ['explore', '--no-open', '--json'], {
      cwd: folder,
    });
    const [printed] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(printed.toString()) as { url: string };
    const html = await (await fetch(url)).text();
    const script = /src="([^"]+)"/.exec(html)?.[1] ?? '';
    const { status, headers } = await fetch(new URL(script, url));
    child.kill('SIGINT');
    const [exitCode] = (await once(child, 'exit')) as [number];

    expect(html).toContain('<title>category2vec explorer</title>');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(exitCode).toBe(0);
  });

  test('answers as a service, inside an application', () => {
    const printed = runModule(`
      import { mkdirSync } from 'node:fs';
      import { historiesFromArrays, trainEmbedding, writeEmbedding } from 'category2vec';
      import { openService } from 'category2vec/serve';
      mkdirSync('models');
      const histories = historiesFromArrays(['a', 'a', 'b', 'b', 'b'], ['x', 'y', 'y', 'z', 'x']);
      await writeEmbedding('models/letters.parquet', await trainEmbedding(histories, { dimension: 8, threads: 1 }));
      const service = await openService('models');
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ key: 'x', k: 2 });
      const response = await service.fetch(new Request('http://localhost/v1/neighbors', { method: 'POST', headers, body }));
      const { model, neighbors } = await response.json();
      console.log(response.status, model, neighbors.map(({ category }) => category).sort().join());
      await service.close();
    `);

    expect(printed).toBe('200 letters y,z\n');
  });

  test('keeps its insides to itself', () => {
    expect(() => runModule(`await import('category2vec/dist/numerics/random.js')`)).toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });

  test('brings types that a strict project accepts', () => {
    writeFileSync(
      join(folder, 'typed.ts'),
      `import { trainEmbedding, historiesFromArrays, type Embedding } from 'category2vec';
       export const trained: Promise<Embedding> = trainEmbedding(historiesFromArrays(['a', 'a'], ['x', 'y']), { dimension: 4 });
       // @ts-expect-error a word where a number belongs
       export const wrong = trainEmbedding(historiesFromArrays(['a', 'a'], ['x', 'y']), { dimension: 'many' });`,
    );
    const compiler = join(root, 'node_modules/typescript/bin/tsc');

    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];

    expect(run(folder, process.execPath, compiler, ...flags, 'typed.ts')).toBe('');
  });

  test.each([
    ['NodeNext', ['--module', 'nodenext']],
    ['Bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])("compiles the README's library example under %s, types of packages included", (_, flags) => {
    const example = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
    writeFileSync(join(folder, 'example.mts'), example);
    borrow(folder, ['@types/node', 'undici-types']);
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2022', '--types', 'node'];

    expect(example.split('\n').length - 1).toBeLessThanOrEqual(25);
    expect(run(folder, process.execPath, compiler, ...strict, '--lib', 'es2023,dom', ...flags, 'example.mts')).toBe('');
  });

  test('runs its command: version, training, neighbors', () => {
    const command = join(folder, 'node_modules/.bin/category2vec');
    writeFileSync(join(folder, 'clicks.csv'), 'user,city\n1,Oslo\n1,Bergen\n2,Bergen\n2,Oslo\n2,Turku\n');

    expect(run(folder, command, '--version')).toContain(version);
    const words = ['clicks.csv', '--history', 'user', '--category', 'city', '--out', 'cities.parquet', '--json'];
    expect(JSON.parse(run(folder, command, 'train', ...words))).toMatchObject({
      categories: 3,
      histories: 2,
      clicks: 5,
    });
    expect(run(folder, command, 'neighbors', 'cities.parquet', 'Oslo', '-k', '2')).toMatch(/Bergen|Turku/);
  });

  test('loads few files for a short command, and finds what lies beside its modules', () => {
    const program = join(installed, 'dist/cli');
    const loaded = join(folder, 'loaded.txt');
    writeFileSync(
      join(folder, 'loads.mjs'),
      `import { appendFileSync } from 'node:fs';
       export function load(url, context, next) {
         appendFileSync(${JSON.stringify(loaded)}, url + '\\n');
         return next(url, context);
       }`,
    );
    const here = `${pathToFileURL(folder).href}/`;
    const hook = `data:text/javascript,import{register}from'node:module';register('./loads.mjs','${here}')`;
    run(folder, process.execPath, '--import', hook, join(program, 'main.js'), 'info', '--help');
    const files = readFileSync(loaded, 'utf8').match(/^file:.*$/gm) ?? [];
    const beside = readdirSync(program).flatMap((name) =>
      Array.from(
        readFileSync(join(program, name), 'utf8').matchAll(/new URL\(["']([^"']+)["'], import\.meta\.url\)/g),
        ([, path = '']) => path,
      ),
    );

    // some 60 as single modules
    expect(files.length).toBeLessThan(16);
    expect(beside).toContain('../engine/thread-node.js');
    // the program's own modules are no files any more: a folder or a package is looked up from where they were
    expect(beside.filter((path) => !path.startsWith('../cli/') && !existsSync(join(program, path)))).toEqual([]);
  });
});

describe('the lock file', () => {
  test('names the native packages of every platform, so that npm ci works on each', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const asked = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));

    // node scripts/complete-lockfile.js adds what is missing
    expect(asked.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([]);
  });
});

/** Installs as a user would; without a network, unpacks the tarball and borrows the dependencies of this repository. */
function installTarball(tarball: string): void {
  try {
    run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=0', tarball);
  } catch {
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
    mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
    run(folder, 'tar', '-xzf', tarball);
    cpSync(join(folder, 'package'), installed, { recursive: true });
    borrow(folder, Object.keys({ ...dependencies, ...optionalDependencies }));
    symlinkSync('../category2vec/dist/cli/main.js', join(folder, 'node_modules', '.bin', 'category2vec'));
    run(folder, 'chmod', '+x', join(installed, 'dist/cli/main.js'));
  }
}

function borrow(into: string, names: readonly string[]): void {
  for (const name of names) {
    const link = join(into, 'node_modules', name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
}

function runModule(code: string, cwd = folder): string {
  writeFileSync(join(cwd, 'module.js'), code);
  return run(cwd, process.execPath, 'module.js');
}

function run(cwd: string, program: string, ...words: string[]): string {
  return execFileSync(program, words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
