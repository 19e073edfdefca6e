import { describe, expect, test } from 'vitest';
import { InputError, named, sentence } from '../../src/checks.js';
import type { CommandRow } from '../../src/cli/command.js';
import { defineCommand } from '../../src/cli/define-command.js';
import { tableValues } from '../../src/cli/flags/flags.js';
import type { OptionTable } from '../../src/option-table.js';
import { runCommand } from './harness.js';

const table = {
  coats: { kind: 'integer', min: 1, max: 9, default: 2, help: 'layers of paint' },
  dryingTime: { kind: 'number', min: 0, isMinExcluded: true, default: 1.5, help: 'hours between layers' },
  finish: { kind: 'choice', choices: ['matt', 'gloss'], default: 'matt', help: 'how it shines' },
  primer: { kind: 'flag', default: false, help: 'begin with a primer' },
  cleaning: { kind: 'flag', default: true, help: 'clean the wall first' },
} as const satisfies OptionTable;

const definePaint = defineCommand({
  arguments: [{ name: 'wall', help: 'what to paint' }],
  options: {
    Options: { out: { kind: 'file', help: 'where to' }, columns: { kind: 'list', isNames: true, help: 'which' } },
    Paint: table,
  },
  examples: ['category2vec paint wall --coats 3'],
  act: async ({ args: [wall = ''], flags, progress }) => {
    progress.note('mixing');
    if (wall === 'broken') throw new TypeError('the bucket leaks');
    if (wall === 'wet')
      throw new InputError(
        sentence`${named('dryingTime')} must be larger, got "dryingTime"; raise ${named('dryingTime')}`,
      );
    if (wall === 'missing') throw Object.assign(new Error('x'), { code: 'ENOENT', path: 'wall.csv' });
    const { columns = [] } = flags;
    return { json: { wall, ...tableValues(table, { ...flags }), columns: [...columns] }, text: `painted ${wall}` };
  },
});

const commands: readonly CommandRow[] = [
  { name: 'paint', summary: 'paint a wall', load: async () => ({ command: definePaint }) },
  { name: 'sand', summary: 'sand a wall', load: () => Promise.reject(new Error('loaded without being called')) },
];

const paint = (...argv: string[]) => runCommand(['paint', ...argv], { commands });

describe('a command line that runs', () => {
  test('prints the result alone on standard output, notes on standard error', async () => {
    expect(await paint('wall')).toEqual({ exitCode: 0, stdout: 'painted wall\n', stderr: 'mixing\n' });
  });

  test('prints one JSON object with --json, and what was given arrives typed and camelCased', async () => {
    const { stdout } = await paint(
      'wall',
      '--json',
      '--coats',
      '3',
      '--drying-time',
      '2.5e-1',
      '--primer',
      '--no-cleaning',
    );

    expect(JSON.parse(stdout)).toEqual({
      wall: 'wall',
      coats: 3,
      dryingTime: 0.25,
      primer: true,
      cleaning: false,
      columns: [],
    });
  });

  test('says nothing else with --quiet', async () => {
    expect(await paint('wall', '--quiet')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test.each([
    [
      ['--columns', 'a,b'],
      ['a', 'b'],
    ],
    [
      ['--columns', 'a,b', '--columns', 'c'],
      ['a,b', 'c'],
    ],
  ])('%j names the columns %j', async (given, columns) => {
    const { stdout } = await paint('wall', '--json', ...given);

    expect(JSON.parse(stdout)).toMatchObject({ columns });
  });

  test('shows help with ranges, defaults and an example', async () => {
    for (const argv of [
      ['paint', '--help'],
      ['help', 'paint'],
      ['paint', '-h'],
    ]) {
      const { exitCode, stdout } = await runCommand(argv, { commands });

      expect(exitCode).toBe(0);
      expect(stdout).toContain('layers of paint [1 to 9; default 2]');
      expect(stdout).toContain('hours between layers [> 0; default 1.5]');
      expect(stdout).toContain('how it shines [matt, gloss; default matt]');
      expect(stdout).toContain('--no-cleaning');
      expect(stdout).toContain('category2vec paint wall --coats 3');
    }
  });

  test('lists the commands without loading them, with --help and with nothing at all', async () => {
    for (const argv of [['--help'], []]) {
      const { exitCode, stdout, stderr } = await runCommand(argv, { commands });

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/paint .*paint a wall\n.*sand .*sand a wall/);
    }
  });

  test('prints the version', async () => {
    expect(await runCommand(['--version'], { commands })).toEqual({ exitCode: 0, stdout: '0.1.0\n', stderr: '' });
  });
});

describe('a command line that is wrong ends with 2, one sentence, and nothing on standard output', () => {
  test.each<[string[], string]>([
    [['paint', 'wall', '--cots', '3'], "unknown option '--cots'; did you mean --coats?"],
    [['paint', '--cots', '3', 'wall'], "unknown option '--cots'; did you mean --coats?"],
    [['paint', 'wall', '--zebra'], "unknown option '--zebra'; `category2vec paint --help` shows what there is"],
    [['paint'], 'paint needs <wall>, got none; `category2vec paint --help` shows what there is'],
    [['piant', 'wall'], "unknown command 'piant'; did you mean paint?"],
    [
      ['paint', 'wall', '--coats'],
      "option '--coats <n>' argument missing; `category2vec paint --help` shows what there is",
    ],
    [['paint', 'wall', '--coats', '0'], '--coats must be a whole number from 1 to 9, got 0'],
    [['paint', 'wall', '--coats', '1.5'], '--coats must be a whole number from 1 to 9, got 1.5'],
    [['paint', 'wall', '--coats', 'NaN'], '--coats must be a whole number from 1 to 9, got "NaN"'],
    [['paint', 'wall', '--coats', ''], '--coats must be a whole number from 1 to 9, got ""'],
    [['paint', 'wall', '--coats', '0x3'], '--coats must be a whole number from 1 to 9, got "0x3"'],
    [['paint', 'wall', '--drying-time', '-1'], '--drying-time must be a number > 0, got -1'],
    [['paint', 'wall', '--drying-time', '1e999'], '--drying-time must be a number > 0, got Infinity'],
    [['paint', 'wall', '--finish', 'satin'], '--finish must be one of matt, gloss, got "satin"'],
    [['paint', 'wall', '--out', '--quiet'], '--out must be followed by a value, got the option --quiet'],
    [['paint', 'wall', '--coats', '2', '--coats', '3'], '--coats must be given once, got "2" and "3"'],
    [['paint', 'wet'], '--drying-time must be larger, got "dryingTime"; raise --drying-time'],
    [['paint', 'missing'], 'wall.csv cannot be used: it does not exist'],
  ])('%j', async (argv, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand(argv, { commands });

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr.replace('mixing\n', '')).toBe(`error: ${sentence}\n`);
  });

  test('too many arguments', async () => {
    expect(await paint('one', 'two')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

test('a bug of ours ends with 1 and its stack', async () => {
  const { exitCode, stdout, stderr } = await paint('broken');

  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/TypeError: the bucket leaks\n +at .*run\.test\.ts/);
});

test('a command that was stopped ends with 130', async () => {
  const stop = new AbortController();
  const stopped: CommandRow = {
    name: 'wait',
    summary: 'wait',
    load: async () => ({
      command: defineCommand({
        options: {},
        examples: [],
        act: async ({ streams }) => {
          stop.abort();
          streams.signal.throwIfAborted();
          return { json: {}, text: '' };
        },
      }),
    }),
  };

  expect(await runCommand(['wait'], { commands: [stopped], signal: stop.signal })).toEqual({
    exitCode: 130,
    stdout: '',
    stderr: 'stopped\n',
  });
});

test('a run that is stopped says what it could not undo', async () => {
  const stop = new AbortController();
  const stopped = defineCommand({
    options: {},
    examples: ['category2vec paint'],
    act: async ({ streams }) => {
      stop.abort();
      throw new InputError('the bucket cannot be closed; close it by hand', { cause: streams.signal.reason });
    },
  });
  const rows = [{ name: 'paint', summary: 'paint a wall', load: async () => ({ command: stopped }) }];

  expect(await runCommand(['paint'], { commands: rows, signal: stop.signal })).toMatchObject({
    exitCode: 130,
    stderr: 'stopped: the bucket cannot be closed; close it by hand\n',
  });
});
