import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPlainClicks } from '../../../src/duckdb/prepared/plain-shard.js';
import { writeShard } from '../../../src/duckdb/prepared/write-shard.js';
import type { Shard } from '../../../src/histories/shard.js';
import { FingerprintStream } from '../../../src/numerics/fingerprint.js';
import { makeFolder } from '../files.js';

const folder = makeFolder();
const path = join(folder, 'shard.parquet');
afterAll(() => rmSync(folder, { recursive: true }));

/** Histories of one to three clicks. */
function drawShard(histories: number, hasNumbers: boolean): Shard {
  const offsets = new Uint32Array(histories + 1);
  for (let h = 0; h < histories; h++) offsets[h + 1] = (offsets[h] ?? 0) + 1 + (h % 3);
  const clicks = offsets.at(-1) ?? 0;
  return {
    keys: Array.from({ length: histories }, (_, h) => (h % 50 === 7 ? `Zoë ${h}` : `user ${h}`)),
    items: Int32Array.from({ length: clicks }, (_, i) => (i * 7919) % 1009),
    offsets,
    times: hasNumbers ? Float64Array.from({ length: clicks }, (_, i) => i / 4) : undefined,
    weights: hasNumbers ? Float32Array.from({ length: clicks }, (_, i) => 1 + (i % 5) / 8) : undefined,
  };
}

test.each([
  [130_000, false],
  [300, true],
  [0, false],
])(
  'the clicks of a shard are read as they were written: %i histories, with times and weights %s',
  async (size, has) => {
    const { keys, ...clicks } = drawShard(size, has);
    const entry = { file: '', ...(await writeShard(path, { keys, ...clicks })) };

    expect(await readPlainClicks(path, { entry, manifest: { hasTimes: has, hasWeights: has } })).toEqual(clicks);
  },
);

test('what another program wrote, and other clicks than the manifest says, are left to DuckDB', async () => {
  const entry = { file: '', ...(await writeShard(path, drawShard(300, false))) };
  const manifest = { hasTimes: false, hasWeights: false };
  expect(await readPlainClicks(path, { entry: { ...entry, fingerprint: 'another' }, manifest })).toBeUndefined();

  writeFileSync(path, 'PAR1');
  expect(await readPlainClicks(path, { entry, manifest })).toBeUndefined();
});

test('texts in UTF-8 have the fingerprint of the texts', () => {
  const texts = ['', 'a', '\uFEFFb', 'Zoë', 'x'.repeat(9000), 'é'.repeat(5000), '0', '12'];
  const parts = texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    return [size, bytes];
  });
  const [ofBytes, ofTexts] = [new FingerprintStream(), new FingerprintStream()];
  ofTexts.addTexts(texts);

  expect(ofBytes.addPlainTexts(Buffer.concat(parts))).toBe(texts.length);
  expect(ofBytes.digest()).toBe(ofTexts.digest());
});
