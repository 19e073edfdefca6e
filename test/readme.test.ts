/** Every runnable example of the README and of docs/ does what its page says. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examplesOf, openStage, patternOf, runExample, withOutput } from './documents/examples.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((page) =>
  page.endsWith('.md'),
);
/** UPDATE_EXAMPLES=1 writes outputs into the pages where they no longer match. */
const isUpdating = process.env['UPDATE_EXAMPLES'] === '1';

beforeAll(() => {
  if (!existsSync(join(root, 'dist/cli/main.js')))
    throw new Error('dist is missing: npm run build comes before this test');
});

describe.each(pages)('%s', (page) => {
  const markdown = readFileSync(join(root, page), 'utf8');
  const stage = openStage(root);
  let updated = markdown;
  afterAll(() => {
    rmSync(stage.folder, { recursive: true, force: true });
    if (updated !== markdown) writeFileSync(join(root, page), updated);
  });

  // examples of a page build on each other, so they share a folder and run in order
  for (const example of examplesOf(markdown)) {
    test(`${page}:${example.line} ${example.code.split('\n')[0]}`, async () => {
      const printed = await runExample(example, stage);
      if (isUpdating && !patternOf(example.expected).test(printed))
        return void (updated = withOutput(updated, example, printed));

      expect(printed).toMatch(patternOf(example.expected));
    });
  }

  test('links to files that exist', () => {
    const links = Array.from(
      markdown.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)[^)]*\)/g),
      ([, target = '']) => target,
    );

    expect(links.filter((target) => !existsSync(join(root, page, '..', target)))).toEqual([]);
  });

  test('links to headings that exist', () => {
    const links = Array.from(
      markdown.matchAll(/\]\((?!https?:|mailto:)([^)#]*)#([^)]+)\)/g),
      ([, target = '', heading = '']) => [target, heading] as const,
    );
    const lost = links.filter(([target, heading]) => {
      const text = target === '' ? markdown : readFileSync(join(root, page, '..', target), 'utf8');
      return !headingsOf(text).has(heading);
    });

    expect(lost).toEqual([]);
  });
});

/** The addresses of a page's headings, as GitHub makes them. */
function headingsOf(markdown: string): Set<string> {
  const titles = markdown.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(titles, ([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('the README', () => {
  const lines = readFileSync(join(root, 'README.md'), 'utf8').split('\n');

  test('shows a command and its output before line 25', () => {
    const [first] = examplesOf(lines.slice(0, 25).join('\n'));

    expect(first?.expected).toBeDefined();
  });

  test('gives the two commands that do all the set-up', () => {
    expect(lines.join('\n')).toContain('npm ci && npm run demo\n');
    expect(lines.join('\n')).toContain('npm ci && npm test\n');
  });
});

describe('the reading of examples', () => {
  test('tells commands from outputs, continued lines and modules', () => {
    const page = '```console\n$ a \\\n  b\nout\n$ c\n```\n```js\nx\n```\n\n```text\n1\n```\n```sh\nnot run\n```\n';

    expect(examplesOf(page)).toEqual([
      { line: 2, kind: 'command', code: 'a \\\n  b', expected: 'out\n' },
      { line: 5, kind: 'command', code: 'c', expected: undefined },
      { line: 7, kind: 'module', code: 'x\n', expected: '1\n' },
    ]);
  });

  test.each([
    ['a … b\n', 'a 12 b\n', true],
    ['a … b\n', 'a 12 c\n', false],
    ['first\n…\nlast\n', 'first\n1\n2\nlast\n', true],
    ['1.5\n', '1x5\n', false],
    ['a\n', 'a\nb\n', false],
  ])('%j against %j: %s', (expected, printed, isMatch) => {
    expect(patternOf(expected).test(printed)).toBe(isMatch);
  });
});
