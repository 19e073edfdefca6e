import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/checks.js';
import { writeOutputFile, writeOutputParts, writeOutputs } from '../../src/files/atomic-file.js';
import { outputError } from '../../src/files/system-errors.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'category2vec-atomic-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

describe('an output file', () => {
  test('appears with its parts in order and nothing beside it', async () => {
    const path = join(folder, 'out.txt');
    await writeOutputParts(path, ['Zü', new Uint8Array([0x72]), 'ich\n']);
    expect(readFileSync(path, 'utf8')).toBe('Zürich\n');
    expect(readdirSync(folder)).toEqual(['out.txt']);
  });

  test('is not there while it is being written', async () => {
    const path = join(folder, 'out.txt');
    await writeOutputFile(path, async (temporaryPath) => {
      writeFileSync(temporaryPath, 'new');
      expect(readdirSync(folder)).not.toContain('out.txt');
    });
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('stays as it was when writing fails, and the error is passed on', async () => {
    const path = join(folder, 'out.txt');
    writeFileSync(path, 'old');
    const failing = writeOutputFile(path, async (temporaryPath) => {
      writeFileSync(temporaryPath, 'half');
      throw new RangeError('a bug of ours');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['out.txt']);
  });

  test('replaces what a link points to and leaves the link', async () => {
    writeFileSync(join(folder, 'real.txt'), 'old');
    symlinkSync('real.txt', join(folder, 'link.txt'));
    await writeOutputParts(join(folder, 'link.txt'), ['new']);
    expect(readFileSync(join(folder, 'real.txt'), 'utf8')).toBe('new');
  });

  test('removes what a killed process left for it, and not what a running one writes', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    const leftOver = `.out.txt.${hostname()}-${gone}-0.partial`;
    const ofRunning = `.out.txt.${hostname()}-${process.ppid}-0.partial`;
    writeFileSync(join(folder, leftOver), 'half');
    writeFileSync(join(folder, ofRunning), 'half');
    await writeOutputParts(join(folder, 'out.txt'), ['whole']);
    expect(readdirSync(folder).sort()).toEqual([ofRunning, 'out.txt'].sort());
  });

  test('can have a name of 255 bytes', async () => {
    const name = 'ü'.repeat(127);
    await writeOutputParts(join(folder, name), ['x']);
    expect(readdirSync(folder)).toEqual([name]);
  });
});

describe('several output files', () => {
  test('appear together or not at all', async () => {
    const paths = [join(folder, 'a'), join(folder, 'b')];
    const failing = writeOutputs(paths, async ([a = '']) => {
      writeFileSync(a, 'complete');
      throw new Error('b fails');
    });
    await expect(failing).rejects.toThrow('b fails');
    expect(readdirSync(folder)).toEqual([]);
    await writeOutputs(paths, async (temporary) => temporary.forEach((path) => writeFileSync(path, 'x')));
    expect(readdirSync(folder)).toEqual(['a', 'b']);
  });
});

describe('what cannot be written is said in one sentence', () => {
  test.each([
    ['an address', () => 's3://bucket/out.txt', /it is an address, and outputs are files of this machine/],
    ['a missing folder', () => join(folder, 'missing', 'out.txt'), /no folder/],
    ['a file in the place of the folder', () => join(fileIn(folder), 'out.txt'), /no folder/],
    ['a folder', () => folder, /got a folder/],
    ['a device', () => '/dev/null', /device/],
    ['a name of 300 characters', () => join(folder, 'x'.repeat(300)), /too long/],
  ])('%s', async (_, pathOf, message) => {
    const failing = writeOutputParts(pathOf(), ['x']);
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(message);
  });

  test.skipIf(process.getuid?.() === 0)('an unwritable folder', async () => {
    chmodSync(folder, 0o500);
    const failing = writeOutputParts(join(folder, 'out.txt'), ['x']);
    await expect(failing).rejects.toThrow(/not writable/);
  });

  test('a full disk, as Node reports it', async () => {
    const failing = writeOutputFile(join(folder, 'out.txt'), async () => writeFileSync('/dev/full', 'x'));
    await expect(failing).rejects.toThrow(InputError);
    await expect(failing).rejects.toThrow(/no space left in/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['IO Error: Could not write file "x": No space left on device', /no space left/],
    ['IO Error: Cannot open file "x": Permission denied', /not writable/],
    ['IO Error: Cannot open file "x": Read-only file system', /not writable/],
  ])('what DuckDB says: %s', (said, message) => {
    const error = outputError('out.parquet', new Error(said));
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toMatch(message);
  });
});

function fileIn(folder: string): string {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  return path;
}
