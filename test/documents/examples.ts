/**
 * Examples in Markdown: `console` blocks of `$ commands` with their output, and `js` blocks with the `text` block that
 * follows as their output.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * One command or module with the output that the page shows; `…` stands for anything within a line, a line of `…` alone
 * for any lines.
 */
export interface Example {
  readonly line: number;
  readonly kind: 'command' | 'module';
  readonly code: string;
  /** undefined where the page shows none */
  readonly expected: string | undefined;
}

interface Fence {
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** All runnable examples of a page, in order. Other fences (sh, ts, json, …) are not run. */
export function examplesOf(markdown: string): Example[] {
  const fences = fencesOf(markdown);
  return fences.flatMap((fence, i) => {
    if (fence.language === 'console') return commandsOf(fence);
    if (fence.language !== 'js') return [];
    const next = fences[i + 1];
    return [
      {
        line: fence.line,
        kind: 'module' as const,
        code: fence.text,
        expected: next?.language === 'text' ? next.text : undefined,
      },
    ];
  });
}

/** A folder in which a page's examples run: `examples/` beside them, the command on the path, the library installed. */
export function openStage(root: string): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'category2vec-examples-'));
  const bin = join(folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(join(root, 'examples'), join(folder, 'examples'));
  symlinkSync(root, join(folder, 'node_modules', 'category2vec'));
  const main = join(root, 'dist', 'cli', 'main.js');
  writeFileSync(join(bin, 'category2vec'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  return { folder, path: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** Runs an example on a stage; its standard output. Rejects with the standard error where it fails. */
export function runExample({ kind, code }: Example, { folder, path }: ReturnType<typeof openStage>): Promise<string> {
  const module = join(folder, 'example.js');
  if (kind === 'module') writeFileSync(module, code);
  const child =
    kind === 'module'
      ? spawn(process.execPath, [module], { cwd: folder })
      : spawn('sh', ['-c', code], { cwd: folder, env: { ...process.env, PATH: path } });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(output.stdout);
      else reject(new Error(`ended with ${status}: ${output.stderr}`));
    });
  });
}

/**
 * The pattern of an expected output: every blank and letter as shown, … for what may differ. Anything, where a page
 * shows none.
 */
export function patternOf(expected: string | undefined): RegExp {
  if (expected === undefined) return /^/;
  const lines = expected.trimEnd().split('\n');
  const patterns = lines.map((line) =>
    line.trim() === '…' ? '(?:.*\\n)*' : `${line.trimEnd().split('…').map(escape).join('.*')}[ ]*\\n`,
  );
  return new RegExp(`^${patterns.join('')}$`);
}

/** The page with an example's output replaced by what it printed. */
export function withOutput(markdown: string, { code, expected = '' }: Example, printed: string): string {
  const at = markdown.indexOf(expected, markdown.indexOf(code));
  return `${markdown.slice(0, at)}${printed.trimEnd()}\n${markdown.slice(at + expected.length)}`;
}

function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  markdown.split('\n').forEach((text, i) => {
    const mark = /^```\s*(\w*)/.exec(text);
    if (mark === null) open?.lines.push(text);
    else if (open === undefined) open = { line: i + 1, language: mark[1] ?? '', lines: [] };
    else {
      fences.push({ line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` });
      open = undefined;
    }
  });
  return fences;
}

/** `$ command`, continued over lines that end in a backslash, then its output up to the next command. */
function commandsOf({ line: first, text }: Fence): Example[] {
  const examples: { line: number; kind: 'command'; code: string; output: string[] }[] = [];
  let isContinued = false;
  text
    .trimEnd()
    .split('\n')
    .forEach((line, i) => {
      const current = examples.at(-1);
      if (line.startsWith('$ ')) {
        examples.push({ line: first + 1 + i, kind: 'command', code: line.slice(2), output: [] });
      } else if (isContinued && current !== undefined) current.code += `\n${line}`;
      else current?.output.push(line);
      isContinued = line.endsWith('\\');
    });
  return examples.map(({ output, ...example }) => ({
    ...example,
    expected: output.length === 0 ? undefined : `${output.join('\n')}\n`,
  }));
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
