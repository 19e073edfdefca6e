import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withEngine } from '../../../src/duckdb/engine/connection.js';

describe('the folder that DuckDB spills into', () => {
  let temporaryFolder: string;

  beforeEach(() => {
    temporaryFolder = mkdtempSync(join(tmpdir(), 'category2vec-test-'));
  });

  afterEach(() => {
    rmSync(temporaryFolder, { recursive: true, force: true });
  });

  test('is removed by whatever ends the process, until it is gone', async () => {
    const before = process.listenerCount('exit');
    const seen: { isThere: boolean; isRemoved: boolean }[] = [];
    let folder = '';
    const look = (): void => {
      seen.push({ isThere: existsSync(folder), isRemoved: process.listenerCount('exit') > before });
    };
    const run = withEngine({ temporaryFolder }, { source: 'test' }, async (engine) => {
      ({ folder } = engine);
      // many, so that their removal takes several turns
      for (let i = 0; i < 500; i++) writeFileSync(join(folder, `part-${i}`), '');
      await new Promise(setImmediate);
    });
    const state = { isOver: false };
    void run.finally(() => (state.isOver = true));
    while (!state.isOver) {
      if (folder !== '') look();
      await new Promise(setImmediate);
    }

    expect(seen.length).toBeGreaterThan(2);
    expect(seen.filter(({ isThere, isRemoved }) => isThere && !isRemoved)).toEqual([]);
    expect(readdirSync(temporaryFolder)).toEqual([]);
    expect(process.listenerCount('exit')).toBe(before);
  });
});
