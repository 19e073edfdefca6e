import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/engine/checkpoint-node.js';

let folder: string;
let latest: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec checkpoint ü '));
  latest = join(folder, 'category2vec.checkpoint');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Bytes in shared memory, as training has them; larger than one block of the file. */
function bytesOf(value: number, length = 5_000_001): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(length)).fill(value);
  return bytes.map((_, i) => (value + i) % 251);
}

async function save(...values: readonly number[]): Promise<void> {
  const store = await openCheckpoint(folder, { resume: true });
  await store.load();
  for (const value of values) await store.save({ header: `state ${value} 😀`, bytes: bytesOf(value) });
}

async function load(): Promise<{ header: string; bytes: Uint8Array; note: string | undefined } | undefined> {
  const saved = await (await openCheckpoint(folder, { resume: true })).load();
  if (saved === undefined) return undefined;
  const bytes = new Uint8Array(new SharedArrayBuffer(saved.byteLength));
  await saved.readInto(bytes);
  return { header: saved.header, bytes, note: saved.note };
}

test('gives back what was kept last, and nothing where nothing was', async () => {
  expect(await load()).toBeUndefined();
  await save(1, 2, 3);

  const state = await load();
  expect(state).toMatchObject({ header: 'state 3 😀', note: undefined });
  expect(Buffer.from(state?.bytes ?? []).equals(Buffer.from(bytesOf(3)))).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['category2vec.checkpoint', 'category2vec.checkpoint.previous']);
});

describe('damage', () => {
  const length = 29 + 'state 3 ????'.length + 5_000_001 + 32;

  test.each([0, 1, 17, 28, 35, 44, 1000, 4_194_350, length - 33, length - 1])(
    'a file cut after %i bytes is not taken, the one before it is',
    async (size) => {
      await save(1, 2, 3);
      truncateSync(latest, size);

      expect(await load()).toMatchObject({
        header: 'state 2 😀',
        note: expect.stringMatching(/^the checkpoint .* cut short/),
      });
    },
  );

  test.each([0, 17, 21, 30, 3_000_000, length - 5])('a byte changed at %i is noticed', async (at) => {
    await save(2, 3);
    const contents = readFileSync(latest);
    expect(contents.length).toBe(length);
    contents[at] = (contents[at] ?? 0) ^ 4;
    writeFileSync(latest, contents);

    expect(await load()).toMatchObject({ header: 'state 2 😀', note: expect.stringMatching(/^the checkpoint /) });
  });

  test('a damaged newest one does not take the place of the good one before it', async () => {
    await save(1, 2);
    truncateSync(latest, 100);
    await save(5);
    truncateSync(latest, 100);

    expect(await load()).toMatchObject({ header: 'state 1 😀' });
  });

  test('where none is whole it says so in one sentence', async () => {
    await save(1);
    truncateSync(latest, 1_000_000);

    await expect(load()).rejects.toThrow(
      /^the checkpoint "[^\n]*" is cut short or damaged: expected 5000074 bytes, got 1000000, and there is no other in "[^\n]*"; start anew in another folder$/,
    );
  });

  test('a file of another kind is refused by name', async () => {
    writeFileSync(latest, 'x'.repeat(1000));

    await expect(load()).rejects.toThrow('is not one of this version');
  });
});

test('killed between its two renames, a run resumes from the one before, without a note', async () => {
  await save(1, 2);
  rmSync(latest);

  expect(await load()).toMatchObject({ header: 'state 1 😀', note: undefined });
});

test('what a killed process has half-written is removed', async () => {
  await save(1);
  writeFileSync(`${latest}.999999.partial`, 'half');

  expect(await load()).toMatchObject({ header: 'state 1 😀' });
  expect(readdirSync(folder)).toEqual(['category2vec.checkpoint']);
});

describe('a folder', () => {
  test('is made where it is missing', async () => {
    await openCheckpoint(join(folder, 'a', 'b'));

    expect(statSync(join(folder, 'a', 'b')).isDirectory()).toBe(true);
  });

  test('with a checkpoint is refused unless it is resumed', async () => {
    await save(1);

    await expect(openCheckpoint(folder)).rejects.toThrow(
      /^checkpoint must name a folder without one, got "[^\n]*", which holds category2vec.checkpoint; choose another folder, or resume from it with resume$/,
    );
    expect(existsSync(latest)).toBe(true);
  });

  test('that is a file is refused', async () => {
    writeFileSync(join(folder, 'file'), '');

    await expect(openCheckpoint(join(folder, 'file'))).rejects.toThrow(
      /^cannot keep checkpoints in .*: it is a file, expected a folder; choose another folder$/,
    );
    await expect(openCheckpoint(join(folder, 'file', 'x'))).rejects.toThrow(
      /a part of its path is a file, expected a folder; choose another folder$/,
    );
  });

  test.skipIf(process.getuid?.() === 0)('that cannot be written is refused', async () => {
    chmodSync(folder, 0o555);

    await expect(openCheckpoint(folder)).rejects.toThrow(/its permissions do not allow it; choose another folder/);
    chmodSync(folder, 0o755);
  });
});

test('is due when its time has passed since the last one', async () => {
  let seconds = 100;
  const store = await openCheckpoint(folder, { everySeconds: 60, now: () => seconds });

  expect(store.isDue()).toBe(false);
  seconds = 160;
  expect(store.isDue()).toBe(true);
  await store.save({ header: '', bytes: new Uint8Array(0) });
  expect(store.isDue()).toBe(false);
  expect((await openCheckpoint(folder, { resume: true })).isDue()).toBe(false);
});
