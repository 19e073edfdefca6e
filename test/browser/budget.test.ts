/** What the page weighs. */
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const assets = new URL('../../dist/explorer/assets/', import.meta.url);

test('JavaScript and WebAssembly of the page are 400 kB compressed at most, all but the Parquet libraries', () => {
  const own = readdirSync(assets).filter((name) => /\.(js|wasm)$/.test(name) && !/parquet/.test(name));
  const bytes = own.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets))).length, 0);

  expect(own.length).toBeGreaterThan(2);
  expect(bytes).toBeLessThanOrEqual(400_000);
});
