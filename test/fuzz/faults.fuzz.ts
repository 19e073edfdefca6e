/**
 * Every command, with opens, writes, renames and unlinks failing: what stood stays, or everything is new, and one
 * sentence says why.
 *
 * A command makes some thirty to some hundreds of such calls. For each of the four ways of failing (an error, no right,
 * a full disk, a kill) at most 20 of them are tried, 8 of commands that take longer and 3 or 4 of the slowest: some of
 * every kind, evenly spread over those of the kind, so that a single rename among 200 writes is tried for certain, and
 * the test says so; half of the tries of fast commands begin with outputs that stand there already. `FAULTY_CALLS=1000`
 * tries every call with either beginning, in some twenty minutes.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clearLeftOvers } from '../../src/files/left-overs.js';
import { runCommand } from '../cli/harness.js';
import { columns, commandsOver, network, training, type Job } from './faulty-commands.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = new URL('../../dist/cli/main.js', import.meta.url);
/** In memory where that can be had: thousands of runs sync what they write. */
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'category2vec-faults-'));
const base = join(folder, 'watched');
const library = join(folder, 'faulty-system.so');
const given = (name: string): string => join(base, 'in', name);

const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
const canInject = process.platform === 'linux' && compiler !== undefined && existsSync(program);
const advice =
  'System calls cannot be made to fail here, so that no fault is injected: it takes Linux, a C compiler ' +
  '(`apt-get install gcc libc6-dev`) and a build';
if (!canInject && process.env['REQUIRE_FAULTS'] === '1') throw new Error(advice);
if (!canInject) process.stderr.write(`${advice}\n`);

/** How a call fails: numbers of `faulty-system.c` and of errno on Linux. */
const modes = {
  EIO: { name: 'EIO', mode: 1, errno: 5 },
  EACCES: { name: 'EACCES', mode: 1, errno: 13 },
  ENOSPC: { name: 'ENOSPC', mode: 2, errno: 28 },
  killed: { name: 'killed', mode: 3, errno: 5 },
} as const;

const jobs = commandsOver(given);

interface Run {
  readonly mode: string;
  readonly start: string;
  readonly call: number;
  /** of whole runs: the way of failing that calls were counted for, and how many there are of each kind */
  readonly of?: string;
  readonly ofKinds?: readonly number[];
  readonly failed: number;
  readonly kind: number;
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
  readonly contents: Readonly<Record<string, string>>;
  readonly spilled: readonly string[];
  readonly kept: string;
}

/** The number of `faulty-system.c` for unlink and rmdir: what could not be removed may stay. */
const unlinking = 4;

describe.skipIf(!canInject)('a fault in any system call', () => {
  let key = '';
  beforeAll(async () => {
    execFileSync(compiler ?? '', [
      '-shared',
      '-fPIC',
      '-O1',
      '-o',
      library,
      join(here, 'faulty-system.c'),
      '-ldl',
      '-lpthread',
    ]);
    mkdirSync(given(''), { recursive: true });
    const make = async (...argv: readonly string[]): Promise<void> => {
      const { exitCode, stderr } = await runCommand([...argv, '--quiet']);
      if (exitCode !== 0) throw new Error(stderr);
    };
    const world = join(folder, 'world');
    await make(
      'simulate',
      '--out',
      world,
      '--users',
      '60',
      '--advertisers',
      '20',
      '--impressions',
      '300',
      '--shown',
      '40',
    );
    cpSync(join(world, 'advertisers.csv'), given('advertisers.csv'));
    const clicks = Array.from(
      { length: 600 },
      (_, i) => `u${i % 40},2024-01-${10 + (i % 20)},a${(i * i + (i % 7)) % 15}`,
    );
    writeFileSync(given('clicks.csv'), `user_id,time,advertiser\n${clicks.join('\n')}\n`);
    const shown = Array.from(
      { length: 300 },
      (_, i) => `u${i % 40},2024-02-${10 + (i % 20)},a${(i * 7) % 15},${(Math.floor(i / 20) + i) & 1}`,
    );
    writeFileSync(given('i.csv'), `user_id,time,advertiser,clicked\n${shown.join('\n')}\n`);
    await make('train', given('clicks.csv'), ...training, '--out', given('e.parquet'));
    await make('export', given('e.parquet'), '--format', 'word2vec', '--out', given('v.txt'));
    await make('click', 'train', given('i.csv'), ...columns, ...network, '--out', given('model'));
    await make('prepare', given('clicks.csv'), ...training.slice(0, 4), '--out', given('shards'));
    mkdirSync(given('models'));
    for (const name of ['e.parquet', 'model']) cpSync(given(name), join(given('models'), name), { recursive: true });
    key = /^(\S+) /.exec(readFileSync(given('v.txt'), 'utf8').split('\n')[1] ?? '')?.[1] ?? '';
    const names = [
      'advertiser,language',
      ...Array.from({ length: 15 }, (_, i) => `a${i},${i % 2 === 0 ? 'de' : 'fr'}`),
    ];
    writeFileSync(given('advertisers.csv'), `${names.join('\n')}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.concurrent.each(jobs)('$name', async (job) => {
    const runs = await inject(job, key);
    const errors = runs.filter(({ mode }) => mode in modes).flatMap((run) => faultsOf(run, runs, job));
    expect(errors.slice(0, 20)).toEqual([]);
    expect(untried(runs)).toEqual([]);
  });
});

async function inject(job: Job, key: string): Promise<readonly Run[]> {
  const root = join(base, job.name.replaceAll(/\W+/g, '-'));
  for (const name of ['out', 'tmp']) mkdirSync(join(root, name), { recursive: true });
  const control = join(folder, `${job.name.replaceAll(/\W+/g, '-')}.control`);
  const results = join(folder, `${job.name.replaceAll(/\W+/g, '-')}.results`);
  writeFileSync(control, Buffer.alloc(52));
  writeFileSync(results, '');
  const argv = [...job.argv, '--quiet'].map((word) => word.replace(/^OUT/, join(root, 'out')).replace(/^KEY$/, key));
  const isOnlyEarlier = job.isRead === true || job.isSlow === true || job.mostCalls !== undefined;
  const starts = job.isReader === true ? ['nothing'] : isOnlyEarlier ? ['earlier'] : ['nothing', 'earlier'];
  const all = process.env['FAULTY_CALLS'];
  const mostCalls = Number(all ?? job.mostCalls ?? (job.isSlow === true ? 8 : 20));
  const chosen = job.isReader === true ? [modes.EIO, modes.EACCES, modes.ENOSPC] : Object.values(modes);
  if (job.isRead === true) cpSync(given('e.parquet'), join(root, 'earlier', 'e.parquet'), { recursive: true });
  const { foreign, isRead, isServer } = job;
  const takesTurns = all === undefined;
  const text = JSON.stringify({ argv, modes: chosen, starts, mostCalls, takesTurns, foreign, isRead, isServer });
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    FAULTY_ROOT: base,
    FAULTY_CONTROL: control,
    TMPDIR: join(root, 'tmp'),
    UV_THREADPOOL_SIZE: '2',
  };
  const child = spawn(process.execPath, [join(here, 'faulty-run.js'), program.href, root, results, text], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const exitCode = await new Promise((resolve) => child.on('close', resolve));
  expect({ exitCode, said }).toEqual({ exitCode: 0, said: '' });
  const lines = readFileSync(results, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Run);
}

/** Kinds of calls that a command makes, and of which none has failed. */
function untried(runs: readonly Run[]): string[] {
  return Object.keys(modes).flatMap((mode) => {
    const tried = new Set(runs.filter((run) => run.mode === mode && run.failed > 0).map(({ kind }) => kind));
    const made = runs
      .filter((run) => run.of === mode)
      .flatMap(({ ofKinds = [] }) => ofKinds.map((count, i) => [i + 1, count] as const));
    return made.flatMap(([kind, count]) => (count > 0 && !tried.has(kind) ? [`${mode} in kind ${kind}`] : []));
  });
}

/** What is wrong with how a run ended, in words; nothing where it is right. */
function faultsOf(run: Run, runs: readonly Run[], { isReader }: Job): string[] {
  const { mode, start, call, kind, failed, exitCode, stdout, stderr, spilled } = run;
  const where = `${mode} at call ${call} of kind ${kind}, ${start} before`;
  const [earlier = {}, whole = {}] = ['before', 'none'].map((name) => {
    const contents = runs.find((other) => other.mode === name && other.start === start)?.contents;
    return partsOf(contents ?? {}).visible;
  });
  if (mode === 'killed') return failed === 0 ? [] : faultsAfterKill(run, { where, earlier, whole });
  const faults: string[] = [];
  const { visible: seen, leftOver } = partsOf(run.contents);
  const { visible, rescued } = withoutRescued(seen);
  for (const [name, sum] of Object.entries(rescued)) {
    const [place = ''] = /^[^/]*\.rescued(\.\w+)?/.exec(name) ?? [];
    if (exitCode !== 2 || !stderr.includes(place)) faults.push(`${where}: ${name} is left, and nobody says so`);
    // a click model is rescued without what was measured of it, which its other files hold
    const isSameAlways = !/\/(model\.json|tables\/)/.test(name);
    if (isSameAlways && whole[name.replace('.rescued', '')] !== sum)
      faults.push(`${where}: ${name} is not what was trained`);
  }
  if (exitCode === 0) {
    if (!isSame(visible, whole)) faults.push(`${where}: exit code 0, and outputs are not whole`);
    const answer = runs.find((other) => other.mode === 'none')?.stdout ?? '';
    if (isReader === true && !stdout.includes('not served') && withoutPort(stdout) !== withoutPort(answer))
      faults.push(`${where}: exit code 0, and another answer: ${stdout.slice(0, 200)}`);
  } else {
    if (exitCode !== 2) faults.push(`${where}: exit code ${exitCode}: ${stderr.slice(0, 400)}`);
    if (!isSame(visible, earlier))
      faults.push(`${where}: outputs are not as they were: ${differences(visible, earlier)}`);
    if (!/^error: [^\n]+\n$/.test(stderr)) faults.push(`${where}: not one sentence: ${stderr.slice(0, 400)}`);
    if (stdout !== '') faults.push(`${where}: printed ${stdout.slice(0, 100)}`);
  }
  if (kind === unlinking) return faults;
  if (leftOver.length > 0) faults.push(`${where}: left ${leftOver.join(', ')}`);
  if (spilled.length > 0) faults.push(`${where}: left ${spilled.join(', ')} in TMPDIR`);
  return faults;
}

/** A server has another port each time. */
function withoutPort(stdout: string): string {
  return stdout.replace(/:\d+\/?$/m, '');
}

/** After a kill: never a mixture to see, and after the next start all is as it was, or new. */
function faultsAfterKill(
  { contents, kept }: Run,
  { where, earlier, whole }: { where: string; earlier: Run['contents']; whole: Run['contents'] },
): string[] {
  const { visible } = partsOf(contents);
  const isPartOf = (all: Run['contents']): boolean => Object.entries(visible).every(([name, sum]) => all[name] === sum);
  const faults = isPartOf(earlier) || isPartOf(whole) ? [] : [`${where}: a mixture: ${differences(visible, earlier)}`];
  clearAll(kept);
  const after = partsOf(contentsOf(kept));
  if (!isSame(after.visible, earlier) && !isSame(after.visible, whole)) {
    faults.push(`${where}: after the next start: ${differences(after.visible, earlier)}`);
  }
  if (after.leftOver.length > 0) faults.push(`${where}: the next start left ${after.leftOver.join(', ')}`);
  return faults;
}

function clearAll(path: string): void {
  clearLeftOvers(path);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory() && !entry.name.startsWith('.')) clearAll(join(path, entry.name));
  }
}

function contentsOf(path: string, prefix = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const name = `${prefix}${entry.name}`;
    if (entry.name.startsWith('.')) found[name] = 'left over';
    else if (entry.isDirectory()) Object.assign(found, contentsOf(join(path, entry.name), `${name}/`));
    else
      found[name] = createHash('md5')
        .update(readFileSync(join(path, entry.name)))
        .digest('hex');
  }
  return found;
}

function partsOf(contents: Run['contents']): { visible: Run['contents']; leftOver: readonly string[] } {
  const isHidden = (name: string): boolean => contents[name] === 'left over';
  const names = Object.keys(contents);
  return {
    visible: Object.fromEntries(Object.entries(contents).filter(([name]) => !isHidden(name))),
    leftOver: names.filter((name) => isHidden(name) && name !== '.checkpoint'),
  };
}

/** What was trained stands under another name where it cannot stand under its own. */
function withoutRescued(visible: Run['contents']): { visible: Run['contents']; rescued: Run['contents'] } {
  const entries = Object.entries(visible);
  const isRescued = ([name]: readonly [string, string]): boolean => name.includes('.rescued');
  return {
    visible: Object.fromEntries(entries.filter((entry) => !isRescued(entry))),
    rescued: Object.fromEntries(entries.filter(isRescued)),
  };
}

function isSame(one: Run['contents'], other: Run['contents']): boolean {
  return differences(one, other) === '';
}

function differences(one: Run['contents'], other: Run['contents']): string {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => one[name] !== other[name]).join(', ');
}
