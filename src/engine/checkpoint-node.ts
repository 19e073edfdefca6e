/**
 * Checkpoints in a folder: written beside, synced, renamed, and checked by SHA-256 when read, so that a torn file is
 * never taken.
 */
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, named, sentence } from '../checks.js';
import { renameHeld } from '../files/held-files.js';
import { codeOf, systemReason } from '../files/system-errors.js';
import { checkCall, folder as aFolder, optionsKind } from '../step.js';
import type { CheckpointStore, SavedState, WorkState } from './checkpoint.js';

/** How a folder of checkpoints is used. */
export interface FolderOptions {
  /** resumes from what is there; without it, a folder that holds a checkpoint is refused */
  readonly resume?: boolean | undefined;
  /** least time between states that are saved because they are due; by default none are */
  readonly everySeconds?: number | undefined;
  /** a clock in seconds, from any origin; needed for `everySeconds` */
  readonly now?: (() => number) | undefined;
}

const latestName = 'category2vec.checkpoint';
const previousName = 'category2vec.checkpoint.previous';
const partialName = /^category2vec\.checkpoint\.\d+\.partial$/;

/** File: magic, u32 bytes of the header, u32 bytes of the body's length as two words, header, body, SHA-256 of all before. */
const MAGIC = 'category2vec/chk1';
const PREFIX_BYTES = MAGIC.length + 12;
const HASH_BYTES = 32;
const BLOCK_BYTES = 4 << 20;

/**
 * Opens a folder for checkpoints, creating it where it is missing.
 *
 * The newest state is `category2vec.checkpoint`, the one before it `category2vec.checkpoint.previous`; a run resumes
 * from the latter if the newest is damaged.
 *
 * @throws InputError for a folder that holds a checkpoint though `resume` was not asked for, that is none, or that
 *   cannot be written
 */
export async function openCheckpoint(folder: string, options: FolderOptions = {}): Promise<CheckpointStore> {
  checkCall('openCheckpoint(folder, options)', {
    folder: [folder, aFolder],
    options: [options, optionsKind<FolderOptions>({ resume: true, everySeconds: true, now: true })],
  });
  const { resume = false, everySeconds = Infinity, now = () => 0 } = options;
  const names = await orInputError(folder, async () => {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return readdir(folder);
  });
  const found = [latestName, previousName].filter((name) => names.includes(name));
  if (found.length > 0 && !resume) {
    throw new InputError(
      sentence`${named('checkpoint')} must name a folder without one, got ${JSON.stringify(folder)}, which holds
        ${found[0]}; choose another folder, or resume from it with ${named('resume')}`,
    );
  }
  for (const name of names.filter((other) => partialName.test(other))) await rm(join(folder, name), { force: true });
  let lastSave = now();
  let isLatestWhole = true;
  return {
    isDue: () => now() - lastSave >= everySeconds,
    load: () =>
      orInputError(folder, async () => {
        const latest = await inspect(join(folder, latestName));
        isLatestWhole = latest === undefined || typeof latest !== 'string';
        if (latest !== undefined && typeof latest !== 'string') return latest;
        const previous = await inspect(join(folder, previousName));
        if (previous !== undefined && typeof previous !== 'string') {
          return latest === undefined ? previous : { ...previous, note: `${latest}; going on from the one before it` };
        }
        const damage = latest ?? previous;
        if (damage === undefined) return undefined;
        throw new InputError(
          `${damage}, and there is no other in ${JSON.stringify(folder)}; start anew in another folder`,
        );
      }),
    save: async (state) => {
      await orInputError(folder, () => replaceLatest(folder, state, isLatestWhole));
      isLatestWhole = true;
      lastSave = now();
    },
  };
}

/** Writes beside and renames; what was the latest becomes the previous one, unless it is damaged. */
async function replaceLatest(folder: string, state: WorkState, isLatestWhole: boolean): Promise<void> {
  const partial = join(folder, `${latestName}.${process.pid}.partial`);
  const latest = join(folder, latestName);
  try {
    await writeState(partial, state);
    if (isLatestWhole) {
      try {
        renameHeld(latest, join(folder, previousName));
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
    renameHeld(partial, latest);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
  // some systems cannot sync a folder, and there the rename is all that can be had
  const directory = await open(folder, 'r').catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

async function writeState(path: string, { header, bytes }: WorkState): Promise<void> {
  const headerBytes = Buffer.from(header);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(headerBytes.length, MAGIC.length);
  prefix.writeUInt32LE(bytes.length % 4294967296, MAGIC.length + 4);
  prefix.writeUInt32LE(Math.floor(bytes.length / 4294967296), MAGIC.length + 8);
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  try {
    // copied out of shared memory, which neither hashes nor files take everywhere
    const block = Buffer.alloc(Math.min(BLOCK_BYTES, bytes.length));
    for (const part of [prefix, headerBytes]) await writeWhole(file, part, hash);
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      const piece = bytes.subarray(at, at + BLOCK_BYTES);
      block.set(piece);
      await writeWhole(file, block.subarray(0, piece.length), hash);
    }
    await writeWhole(file, hash.digest());
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array, hash?: Hash): Promise<void> {
  hash?.update(bytes);
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/** Reads a file once. @returns its state where it is whole, a sentence where it is not, undefined where there is none */
async function inspect(path: string): Promise<SavedState | string | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const named = `the checkpoint ${JSON.stringify(path)}`;
  try {
    const { size } = await file.stat();
    const prefix = await readAt(file, 0, Math.min(size, PREFIX_BYTES));
    if (prefix.length < PREFIX_BYTES) return `${named} is cut short`;
    if (prefix.toString('latin1', 0, MAGIC.length) !== MAGIC) return `${named} is not one of this version`;
    const headerLength = prefix.readUInt32LE(MAGIC.length);
    const byteLength = prefix.readUInt32LE(MAGIC.length + 4) + prefix.readUInt32LE(MAGIC.length + 8) * 4294967296;
    const expected = PREFIX_BYTES + headerLength + byteLength + HASH_BYTES;
    if (size !== expected) return `${named} is cut short or damaged: expected ${expected} bytes, got ${size}`;
    if (!(await hasOwnHash(file, size))) return `${named} is damaged: its checksum does not match its contents`;
    const header = (await readAt(file, PREFIX_BYTES, headerLength)).toString();
    return { header, byteLength, readInto: (bytes) => readBody(path, PREFIX_BYTES + headerLength, bytes) };
  } finally {
    await file.close();
  }
}

async function hasOwnHash(file: FileHandle, size: number): Promise<boolean> {
  const hash = createHash('sha256');
  const end = size - HASH_BYTES;
  for (let at = 0; at < end; at += BLOCK_BYTES) {
    hash.update(await readAt(file, at, Math.min(BLOCK_BYTES, end - at)));
  }
  return hash.digest().equals(await readAt(file, end, HASH_BYTES));
}

async function readBody(path: string, start: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      bytes.set(await readAt(file, start + at, Math.min(BLOCK_BYTES, bytes.length - at)), at);
    }
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) throw new InputError('a checkpoint became shorter while it was read');
    at += bytesRead;
  }
  return bytes;
}

async function orInputError<Result>(folder: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (codeOf(error) === undefined || error instanceof InputError) throw error;
    throw new InputError(
      `cannot keep checkpoints in ${JSON.stringify(folder)}: ${systemReason(error)}; choose another folder`,
      { cause: error },
    );
  }
}
