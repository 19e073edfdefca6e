import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeFolder } from '../duckdb/files.js';
import { runCommand, runJson } from './harness.js';

const folder = makeFolder();
const at = (name: string) => join(folder, name);
const train = ['--history', 'user', '--category', 'shop', '--dimension', '8', '--epochs', '4', '--threads', '1'];

/** Users of four groups; from `moved` on, shop 0 of each group is clicked by the next group. */
function log(users: number, isMoved: boolean): string {
  const lines = ['user,shop'];
  for (let user = 0; user < users; user++) {
    for (let click = 0; click < 6; click++) {
      const shop = (user * 7 + click * 5) % 15;
      lines.push(`u${user},g${(user + (isMoved && shop === 0 ? 1 : 0)) % 4}-${shop}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

beforeAll(async () => {
  writeFileSync(at('before.csv'), log(240, false));
  writeFileSync(at('after.csv'), log(200, true));
  for (const [name, seed] of [
    ['before', '1'],
    ['after', '2'],
  ] as const) {
    await runJson(['train', at(`${name}.csv`), ...train, '--seed', seed, '--out', at(`${name}.parquet`)]);
  }
});

const both = [at('before.parquet'), at('after.parquet')];

describe('compare', () => {
  test('prints the object of the contract', async () => {
    const result = await runJson(['compare', ...both, '--log', at('after.csv')]);

    for (const name of [
      'categories',
      'appeared',
      'vanished',
      'residual',
      'beyondFloor',
      'overlap',
      'bands',
      'movers',
    ]) {
      expect(result).toHaveProperty(name);
    }
    expect(result).toMatchObject({ categories: 60, appeared: 0, vanished: 0, relation: 'foreign', twins: 'sample' });
    expect(result.beyondFloor).toEqual({
      value: expect.any(Number),
      low: expect.any(Number),
      high: expect.any(Number),
    });
  });

  test('takes the logs of both periods, and says what chance leaves of neighbors, too', async () => {
    const logs = ['--log', at('before.csv'), '--log', at('after.csv')];
    const result = await runJson(['compare', ...both, ...logs]);

    expect(result).toMatchObject({ categories: 60, twins: 'contexts', twinOverlap: expect.any(Number) });
    expect(result.beyondFloor).not.toBeNull();
    const { stderr } = await runCommand(['compare', ...both, ...logs]);
    expect(stderr).toMatch(/categories of the older embedding are in log 1[^]*of the newer embedding are in log 2/);
    const third = await runCommand(['compare', ...both, ...logs, '--log', at('after.csv')]);
    expect([third.exitCode, third.stderr]).toEqual([
      2,
      expect.stringContaining('--log must be given once or twice, got 3'),
    ]);
  });

  test('for people, and as a page', async () => {
    const { stdout, exitCode } = await runCommand(['compare', ...both, '--out', at('page.html')]);

    expect(exitCode).toBe(0);
    expect(stdout).toContain('60 categories in both, 0 appeared, 0 vanished');
    expect(stdout).toContain('--log or --twin gives a noise floor');
    const page = readFileSync(at('page.html'), 'utf8');
    expect(page).toContain('<h2>Movers</h2>');
    expect(page).not.toContain('<script');
  });

  test('a gate that is not met ends with 3, after the result', async () => {
    const twins = ['--twin', at('before.parquet'), '--twin', at('before.parquet')];
    const failed = await runCommand(['compare', ...both, ...twins, '--fail-above', '0.05', '--json', '--quiet']);
    const passed = await runCommand([
      'compare',
      both[0] ?? '',
      both[0] ?? '',
      ...twins,
      '--fail-above',
      '0.05',
      '--json',
      '--quiet',
    ]);

    expect(failed.exitCode).toBe(3);
    expect(failed.stderr).toMatch(
      /^a share of 0\.\d+ is beyond the noise floor, more than --fail-above 0\.05\n$|^a share of 1\.0000/,
    );
    expect(JSON.parse(failed.stdout)).toMatchObject({ categories: 60 });
    expect(passed.exitCode).toBe(0);
  });

  test.each([
    [['--fail-above', '0.05'], '--fail-above needs a noise floor: name the log with --log, or two twins with --twin'],
    [['--twin', both[0] ?? ''], '--twin must be given twice, got 1'],
    [['--fail-above', '2', '--log', at('after.csv')], '--fail-above must be'],
    [['--log', at('after.csv'), '--twin', 'a', '--twin', 'b'], '--log and --twin exclude each other, got both'],
  ])('%j is refused', async (flags, sentence) => {
    const { exitCode, stdout, stderr } = await runCommand(['compare', ...both, ...flags, '--out', at('none.html')]);

    expect({ exitCode, stdout, written: existsSync(at('none.html')) }).toEqual({
      exitCode: 2,
      stdout: '',
      written: false,
    });
    expect(stderr).toContain(`error: ${sentence}`);
  });
});
