import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from './harness.js';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
/** The page of all commands, and one for each group of them. */
const reference = readdirSync(docs).filter((name) => /^command(s-\w+|-line)\.md$/.test(name));
const home = process.cwd();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-examples-'));
});

afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** Names of the commands, as the program lists them. */
async function commandNames(): Promise<string[]> {
  const { stdout } = await runCommand(['--help']);
  const list = stdout.slice(stdout.indexOf('Commands\n'));
  return [...list.matchAll(/^ {2}([a-z]+) {2}/gm)].map(([, name = '']) => name);
}

/** Words of a line as a shell splits it. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** The text of all pages of the reference. */
function referenceText(): string {
  return reference.map((page) => readFileSync(join(docs, page), 'utf8')).join('\n');
}

test.each(reference)('the reference shows the live help of every command: %s (vitest -u renews it)', async (page) => {
  const before = readFileSync(join(docs, page), 'utf8');
  let after = '';
  for (const part of before.split(/(?<=\n```text\n)|(?=\n```\n)/)) {
    const [call = ''] = part.split('\n');
    const isHelp = /^category2vec .*--help( --all)?$/.test(call);
    after += isHelp ? `${call}\n\n${(await runCommand(wordsOf(call).slice(1))).stdout.trimEnd()}` : part;
  }

  await expect(after).toMatchFileSnapshot(join(docs, page));
});

/** Merges that keep both sides write what both changed twice. */
test.each([
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
])('%s holds no paragraph and no item of a list twice', (page) => {
  const texts = readFileSync(page, 'utf8')
    .replaceAll(/^```[^]*?^```$/gm, '')
    .split(/\n\s*\n|\n(?=- )/)
    .map((text) => text.replaceAll(/\s+/g, ' ').trim());
  // an item whose end was changed on one side begins as the other does
  const begins = texts.filter((text) => text.length > 60).map((text) => text.slice(0, 90));

  expect(begins.filter((text, i) => begins.indexOf(text) < i)).toEqual([]);
});

describe.each(readdirSync(docs).filter((name) => name.endsWith('.md')))('docs/%s', (page) => {
  const text = readFileSync(join(docs, page), 'utf8');

  test('starts with the question that it answers', () => {
    const [, first = ''] = text.split(/\n\n/);

    expect(first).toContain('?');
  });

  test('has 400 lines at most, and 120 columns outside of tables, code and pictures', () => {
    const lines = text.replaceAll(/^ *```[^]*?^ *```$/gm, '').split('\n');

    expect(text.split('\n').length).toBeLessThanOrEqual(401);
    expect(lines.filter((line) => line.length > 120 && !/^(\||!\[)/.test(line))).toEqual([]);
  });
});

test('an option takes one line of help at 100 columns, and a second one only for its choices', () => {
  const options = referenceText()
    .split(/^(?= {2}-{1,2}[a-z])/m)
    .slice(1);
  const [lines, wrapped] = [options.map((text) => text.split('\n')), /^ {16,}\S/];
  const long = lines.filter(([, second = '']) => wrapped.test(second)).map((found) => found.slice(0, 3).join(' '));

  expect(lines.length).toBeGreaterThan(400);
  expect(long.filter((text) => !/\[\S+, .*; +default|projector\]|default by/.test(text))).toEqual([]);
});

test('every command has a section in the reference', async () => {
  const sections = [...referenceText().matchAll(/^## (.*)$/gm)].map(([, title = '']) => title);

  expect(sections.filter((title) => title !== 'All commands').sort()).toEqual((await commandNames()).sort());
});

/** Puts an embedding into the folder that is served. */
function publishOnce(path: string, models: string): void {
  mkdirSync(models, { recursive: true });
  copyFileSync(path, join(models, path));
}

describe('every example in help runs', () => {
  /** What lets an example end sooner. */
  const smaller: Readonly<Record<string, string>> = {
    simulate: '--users 800 --impressions 3000',
    map: '--iterations 40',
    report: '--iterations 40',
    // whatever else listens on this machine
    serve: '--port 0',
    explore: '--port 0 --no-open',
  };

  test('one after the other, on a world of the same advertisers and fewer users', async () => {
    process.chdir(folder);
    const order = ['simulate', 'train', 'map', ...(await commandNames())];
    const examples = new Set<string>();
    for (const name of order) {
      const { stdout } = await runCommand([name, '--help']);
      const found = [...stdout.slice(stdout.indexOf('\nExample')).matchAll(/^ {2}category2vec (.*)$/gm)];
      expect({ name, hasExample: found.length > 0 }).toEqual({ name, hasExample: true });
      found.forEach(([, line = '']) => examples.add(line));
    }
    for (const example of examples) {
      const [name = ''] = example.split(' ');
      const short = example.replace(/ --(users|port) \d+| --no-open/g, '').replace(/--trials \d+/, '--trials 2');
      const argv = wordsOf(`${short} ${smaller[name] ?? ''} --quiet`);
      if (name === 'serve') publishOnce('advertisers.parquet', 'models');
      // a command that keeps running is stopped, as by Ctrl-C, once it has said something
      const stop = new AbortController();
      const goesOn = /^(explore|serve) /.test(example) ? { signal: stop.signal, onStdout: () => stop.abort() } : {};
      const { exitCode, stdout, stderr } = await runCommand(argv, goesOn);

      expect({ example, exitCode, stderr }).toEqual({ example, exitCode: 0, stderr: '' });
      expect(stdout).not.toBe('');
    }
  });
});
