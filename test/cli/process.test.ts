/** The program as people start it: pipes, Ctrl-C, links. Needs `dist/`, which `npm test` builds first. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding } from '../../src/embedding/embedding.js';
import { Vocabulary } from '../../src/vocabulary.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist/cli/main.js');
let folder: string;

beforeAll(() => {
  if (!existsSync(program)) execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root });
  folder = mkdtempSync(join(tmpdir(), 'category2vec process '));
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Ending {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program; `onOutput` is called with all of standard error so far and may act on the child. */
function start(
  argv: readonly string[],
  {
    stdin = '',
    execArgv = [],
    onOutput,
  }: {
    stdin?: string;
    execArgv?: readonly string[];
    onOutput?: (stderr: string, child: ReturnType<typeof spawn>) => void;
  } = {},
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const words = [...execArgv, program, ...argv];
    const child = spawn(process.execPath, words, { cwd: folder, env: { ...process.env, TMPDIR: folder } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onOutput?.(stderr, child);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

/** Acts once, when standard error first holds a text. */
function once(text: RegExp, act: (child: ReturnType<typeof spawn>) => void) {
  let isDone = false;
  return (stderr: string, child: ReturnType<typeof spawn>) => {
    if (isDone || !text.test(stderr)) return;
    isDone = true;
    act(child);
  };
}

const log = 'user,shop\n' + Array.from({ length: 400 }, (_, i) => `u${i % 50},s${(i * 7) % 23}\n`).join('');
const columns = ['--history', 'user', '--category', 'shop'];

test('reads an event log from standard input', async () => {
  const argv = [
    'train',
    '-',
    ...columns,
    '--out',
    'piped.parquet',
    '--epochs',
    '1',
    '--threads',
    '1',
    '--json',
    '--quiet',
  ];
  const { exitCode, stdout, stderr } = await start(argv, { stdin: log });

  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ out: 'piped.parquet', categories: 23 });
});

test('runs through a link, as npm installs it', async () => {
  symlinkSync(program, join(folder, 'category2vec'));

  expect(execFileSync(process.execPath, [join(folder, 'category2vec'), '--version'], { encoding: 'utf8' })).toBe(
    '0.1.0\n',
  );
});

test('a wrong option ends with 2', async () => {
  expect(await start(['train', '--dimensoin', '3'])).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: "error: unknown option '--dimensoin'; did you mean --dimension?\n",
  });
});

describe('a pipe that is closed', () => {
  test('ends the program quietly', async () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `a long name of a category, number ${i}`);
    await writeEmbedding(
      join(folder, 'many.parquet'),
      new Embedding({
        vocabulary: new Vocabulary(
          keys,
          Float64Array.from(keys, () => 1),
        ),
        dimension: 1,
        vectors: Float32Array.from(keys, (_, i) => i + 1),
      }),
    );
    const ours = `"${process.execPath}" "${program}" neighbors many.parquet "${keys[0]}" -k 20000`;
    const command = `${ours} | head -1; echo "\${PIPESTATUS[0]}"`;
    // bash warns of a locale that is not installed
    const child = spawn('bash', ['-c', command], { cwd: folder, env: { ...process.env, LC_ALL: 'C' } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    await new Promise((resolve) => child.on('close', resolve));

    expect(stdout.trim().split('\n')).toEqual([keys[0], '0']);
    expect(stderr).toBe('');
  });

  test('does not keep training from its end', async () => {
    const argv = ['train', '-', ...columns, '--out', 'unheard.parquet', '--epochs', '3', '--threads', '1'];
    const { exitCode } = await start(argv, { stdin: log, onOutput: (_, child) => child.stderr?.destroy() });

    expect(exitCode).toBe(0);
    expect(existsSync(join(folder, 'unheard.parquet'))).toBe(true);
  });
});

describe('Ctrl-C', () => {
  // hours of training and years of reading: whatever ends them is the signal
  const endless = ['train', '-', ...columns, '--out', 'never.parquet', '--epochs', '100000', '--threads', '2'];
  const stdin = 'user,shop\n' + Array.from({ length: 40_000 }, (_, i) => `u${i % 5000},s${(i * 7) % 23}\n`).join('');

  test('while training ends with 130 and leaves nothing', async () => {
    const before = readdirSync(folder).sort();
    const onOutput = once(/^training( …|:)/m, (child) => child.kill('SIGINT'));
    const { exitCode, stdout, stderr } = await start(endless, { stdin, onOutput });

    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(stderr).toMatch(/stopped\n$/);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test('while reading ends with 130 and leaves nothing', async () => {
    const before = readdirSync(folder).sort();
    const query =
      "SELECT 'u' || range % 7 AS user, 's' || range % 5 AS shop FROM range(10000000000000) WHERE hash(range) = 0";
    const child = start(['train', '--sql', query, ...columns, '--out', 'never.parquet'], {
      onOutput: once(/reading/, (running) => running.kill('SIGINT')),
    });
    const { exitCode, stdout } = await child;

    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test('a second time ends at once', async () => {
    const onOutput = once(/clicks by/, (child) => {
      child.kill('SIGINT');
      child.kill('SIGINT');
    });
    const { exitCode, stdout } = await start(endless, { stdin, onOutput });

    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(existsSync(join(folder, 'never.parquet'))).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('Ctrl-C of a command that waits on a named pipe', () => {
  test.each([1, 2])('%i times ends it at once, with 130 and nothing left', async (times) => {
    const pipe = join(folder, `pipe-${times}`);
    execFileSync('mkfifo', [pipe]);
    const before = readdirSync(folder).sort();
    const onOutput = once(/reading/, (child) => {
      for (let i = 0; i < times; i++) setTimeout(() => child.kill('SIGINT'), 300 + i * 200);
    });
    const { exitCode, stdout } = await start(['train', pipe, ...columns, '--out', 'never.parquet'], { onOutput });

    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test('does not keep what is written into it from being read', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const onOutput = once(/reading/, () => void writeFile(pipe, log));
    const argv = ['train', pipe, ...columns, '--out', 'piped.parquet', '--epochs', '1', '--threads', '1'];
    expect(await start(argv, { onOutput })).toMatchObject({ exitCode: 0 });
  });
});

test('Ctrl-C while an embedding is exported ends with 130 and leaves nothing', async () => {
  const keys = Array.from({ length: 2000 }, (_, i) => `key ${i}`);
  const vectors = Float32Array.from({ length: keys.length * 8 }, (_, i) => (i % 1009) / 777);
  const vocabulary = new Vocabulary(
    keys,
    Float64Array.from(keys, () => 1),
  );
  await writeEmbedding(join(folder, 'exported.parquet'), new Embedding({ vocabulary, dimension: 8, vectors }));
  const before = readdirSync(folder).sort();
  // the program interrupts itself when it has begun to write; a second time would end it whatever it does
  const interrupting = `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { openSync } = fs;
    let isDone = false;
    fs.openSync = (path, ...rest) => {
      if (!isDone && String(path).endsWith('.partial')) {
        isDone = true;
        process.kill(process.pid, 'SIGINT');
      }
      return openSync(path, ...rest);
    };
    syncBuiltinESMExports();
  `)}`;
  const argv = ['export', 'exported.parquet', '--format', 'projector', '--out', 'vectors.tsv'];
  const { exitCode, stdout } = await start(argv, { execArgv: ['--import', interrupting] });

  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(readdirSync(folder).sort()).toEqual(before);
});

test.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)(
  'a full disk ends with 2, one sentence and no file',
  async () => {
    const disk = mkdtempSync(join(folder, 'disk '));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return;
    }
    try {
      writeFileSync(join(folder, 'log.csv'), log);
      const argv = [
        'train',
        'log.csv',
        ...columns,
        '--out',
        join(disk, 'e.parquet'),
        '--dimension',
        '1000',
        '--epochs',
        '1',
        '--quiet',
      ];
      const { exitCode, stdout, stderr } = await start(argv);

      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toMatch(/^error: cannot write [^\n]*no space left[^\n]*\n$/);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  },
);
