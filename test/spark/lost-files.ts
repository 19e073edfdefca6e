/** Files that Spark's machines lose, and disks that are full. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Whether disks in memory can be had here. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount();

function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'category2vec-mount-'));
  try {
    mount(folder);
    unmount(folder);
    return true;
  } catch {
    process.stderr.write('No disk can be mounted here, so tests of full ones are left out\n');
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A disk of 64 MB in memory. */
export function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder], { stdio: 'ignore' });
}

/** Takes it away. */
export function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
}

/** A log during whose first stage shuffle files are lost. */
export interface Losing {
  /** SQL for a log of user and item, one of whose tasks waits until the files of the other are lost */
  readonly logOf: (table: string) => string;
  /** times that files were lost */
  readonly losses: () => number;
  readonly stop: () => Promise<void>;
}

/**
 * Loses shuffle files, whatever the speed of the machine: one task of the stage that writes them opens a pipe, which
 * waits for us; we wait until another task of that stage has written its files, remove them, and let the first go on.
 *
 * @param folder - of Spark's local files
 * @param pipe - path of a pipe that is not there yet
 * @param most - times that it does so
 */
export function loseShuffles(folder: string, pipe: string, most: number): Losing {
  const stopping = new AbortController();
  const { signal } = stopping;
  let times = 0;
  const work = async (): Promise<void> => {
    while (!signal.aborted) {
      execFileSync('mkfifo', [pipe]);
      // oxlint-disable-next-line no-await-in-loop -- one task after another
      const handle = await open(pipe, 'w');
      rmSync(pipe);
      const before = new Set(wholeShuffles(folder));
      // oxlint-disable-next-line no-await-in-loop
      if (times < most && (await loseOne(folder, before, signal))) times++;
      // oxlint-disable-next-line no-await-in-loop
      await handle.close();
    }
  };
  const working = work();
  return {
    logOf: (table) =>
      `SELECT user, item FROM ${table} UNION ALL SELECT CAST(id AS STRING), CAST(id AS STRING) FROM range(0, 1, 1, 1) ` +
      `WHERE java_method('scala.io.Source', 'fromFile', '${pipe}', 'UTF-8') IS NULL`,
    losses: () => times,
    stop: async () => {
      stopping.abort();
      // whoever waits for a reader of the pipe has one
      if (existsSync(pipe)) closeSync(openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK));
      await working;
    },
  };
}

/** Removes all shuffle files once there is one that was not there before. */
async function loseOne(folder: string, before: ReadonlySet<string>, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const names = wholeShuffles(folder);
    if (names.some((name) => !before.has(name))) {
      for (const name of names) rmSync(join(folder, name), { force: true });
      return true;
    }
    // oxlint-disable-next-line no-await-in-loop -- until it is there
    await wait(5);
  }
  return false;
}

/** The files of shuffles that are whole. */
function wholeShuffles(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /shuffle_\d+_\d+_\d+\.(data|index)$/.test(name));
}
