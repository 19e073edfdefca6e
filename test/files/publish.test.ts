import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeOutputs } from '../../src/files/atomic-file.js';
import { abandon } from '../../src/files/beside-output.js';
import { clearLeftOvers } from '../../src/files/left-overs.js';
import { checkOutputFolder } from '../../src/files/output-folder.js';
import { publish } from '../../src/files/publish.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-publish-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const textOf = (name: string): string => readFileSync(at(name), 'utf8');
const dead = spawnSync(process.execPath, ['-e', '']).pid;
const beside = (name: string, kind: string, id: number = dead): string => `.${name}.${hostname()}-${id}-0.${kind}`;
const model = (overwrite = false) => ({ folder: at('model'), kind: 'model', ours: ['a', 'b', 'tables'], overwrite });

/** A folder as it is when a process is killed while two files change places: `moved` renames of four are done. */
function killedAfter(moved: number): void {
  const temporary = ['a', 'b'].map((name) => ({ name, new: beside(name, 'partial'), old: beside(name, 'earlier') }));
  for (const { name, new: path } of temporary) {
    writeFileSync(at(name), `old ${name}`);
    writeFileSync(at(path), `new ${name}`);
  }
  const idOf = (path: string): string => {
    const { ino, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${mtimeNs}`;
  };
  const steps = temporary.map(({ name, new: path, old }) => ({
    finalPath: name,
    temporaryPath: path,
    earlierPath: old,
    id: idOf(at(path)),
  }));
  writeFileSync(at(beside('outputs', 'journal')), JSON.stringify(steps));
  const renames = [
    ...steps.map(({ finalPath, earlierPath }) => [finalPath, earlierPath] as const),
    ...steps.map(({ finalPath, temporaryPath }) => [temporaryPath, finalPath] as const),
  ];
  for (const [from, to] of renames.slice(0, moved)) renameSync(at(from), at(to));
}

describe('outputs that take their places together', () => {
  test.each([0, 1, 2, 3])('are as they were where the process was killed after %i of four renames', (moved) => {
    killedAfter(moved);
    clearLeftOvers(folder);
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
    expect([textOf('a'), textOf('b')]).toEqual(['old a', 'old b']);
  });

  test('are new where it was killed after the last', () => {
    killedAfter(4);
    clearLeftOvers(folder);
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
    expect([textOf('a'), textOf('b')]).toEqual(['new a', 'new b']);
  });

  test('leave what somebody else has put there since', () => {
    killedAfter(1);
    writeFileSync(at('a'), 'of others');
    clearLeftOvers(folder);
    expect([textOf('a'), textOf('b')]).toEqual(['of others', 'old b']);
  });

  test('keep what is earlier where the journal cannot be read', () => {
    killedAfter(2);
    writeFileSync(at(beside('outputs', 'journal')), '[');
    clearLeftOvers(folder);
    expect(textOf(beside('a', 'earlier'))).toBe('old a');
  });

  test.each([0, 1, 2])('are as they were where number %i cannot be moved', (wrong) => {
    const names = ['a', 'b', 'c'];
    for (const name of names.slice(0, 2)) writeFileSync(at(name), `old ${name}`);
    const changes = names.map((name, i) => ({
      finalPath: at(name),
      temporaryPath: at(`${name}.new`),
      isThere: i !== wrong,
    }));
    for (const { temporaryPath, isThere } of changes) if (isThere) writeFileSync(temporaryPath, 'new');
    expect(() => publish(changes)).toThrow(/ENOENT/);
    expect([textOf('a'), textOf('b'), existsSync(at('c'))]).toEqual(['old a', 'old b', false]);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('an output folder', () => {
  const write = (text: string, names: readonly string[], overwrite = false) =>
    writeOutputs([model(overwrite)], async ([temporary = '']) => {
      for (const name of names) writeFileSync(join(temporary, name), text);
    });

  test('appears whole, and loses what a new one does not have', async () => {
    await write('first', ['a', 'b']);
    await write('second', ['a']);
    expect(readdirSync(at('model'))).toEqual(['a']);
    expect(textOf('model/a')).toBe('second');
  });

  test('stays as it was, and foreign files with it, where writing fails', async () => {
    mkdirSync(at('model'));
    for (const name of ['a', 'b', 'thesis.txt']) writeFileSync(at(`model/${name}`), 'old');
    const failing = writeOutputs([model(true)], async ([temporary = '']) => {
      writeFileSync(join(temporary, 'a'), 'new');
      throw new Error('half-way');
    });
    await expect(failing).rejects.toThrow('half-way');
    expect(readdirSync(at('model')).sort()).toEqual(['a', 'b', 'thesis.txt']);
    expect(textOf('model/a')).toBe('old');
  });

  test('replaces its own in a foreign folder together', async () => {
    mkdirSync(at('model'));
    for (const name of ['a', 'b', 'thesis.txt']) writeFileSync(at(`model/${name}`), 'old');
    await expect(write('new', ['a', 'tables'])).rejects.toThrow(/holds "thesis.txt"/);
    await write('new', ['a', 'tables'], true);
    expect(readdirSync(at('model')).sort()).toEqual(['a', 'tables', 'thesis.txt']);
  });

  test('is no foreign one for what a killed process has left in it', async () => {
    await write('first', ['a']);
    mkdirSync(at(`model/${beside('entries', 'partial')}`));
    await checkOutputFolder(at('model'), model());
    expect(readdirSync(at('model'))).toEqual(['a']);
  });

  test('appears together with a file elsewhere, or not at all', async () => {
    await write('first', ['a']);
    writeFileSync(at('file'), 'old');
    const failing = writeOutputs([model(), at('file')], async ([temporary = '', file = '']) => {
      writeFileSync(join(temporary, 'a'), 'second');
      writeFileSync(file, 'new');
      mkdirSync(at('model/b'));
      writeFileSync(at('model/b/thing'), '');
      rmSync(file);
    });
    await expect(failing).rejects.toThrow(/files cannot be made/);
    expect([textOf('model/a'), textOf('file')]).toEqual(['first', 'old']);
  });
});

test.each(['.category2vec-PID.partial', `.out.txt.${hostname()}-PID-3.partial`])(
  'a start removes %s of a process that is gone, and of one before it with its own number',
  (name) => {
    for (const id of [dead, process.pid, process.ppid]) writeFileSync(at(name.replace('PID', String(id))), 'half');
    // another test of this process may have named it
    abandon(name.replace('PID', String(process.pid)));
    clearLeftOvers(folder);
    expect(readdirSync(folder)).toEqual([name.replace('PID', String(process.ppid))]);
  },
);

test('half-written files of another machine go once they are older by a week than what changed last', () => {
  const [forgotten, recent, journal] = ['old.partial', 'new.partial', 'outputs.journal'].map((name) => {
    const [stem = '', kind = ''] = name.split('.');
    return `.${stem}.container-7f3a-17-0.${kind}`;
  });
  for (const name of [forgotten, recent, journal]) writeFileSync(at(name ?? ''), '[]');
  const old = new Date(Date.now() - 8 * 86_400_000);
  for (const name of [forgotten, journal]) utimesSync(at(name ?? ''), old, old);
  clearLeftOvers(folder);
  // a journal that says nothing may be of what is kept beside it
  expect(new Set(readdirSync(folder))).toEqual(new Set([recent, journal]));
});

test('a signal that arrives while the outputs are written keeps them from appearing', async () => {
  const control = new AbortController();
  const stopped = writeOutputs(
    [at('a')],
    async ([file = '']) => {
      writeFileSync(file, 'new');
      setImmediate(() => control.abort());
    },
    { signal: control.signal },
  );
  await expect(stopped).rejects.toThrow(/aborted/);
  expect(readdirSync(folder)).toEqual([]);
});
