// Makes examples/data/clicks.csv and advertisers.csv: a small simulated click log as plain text, and what is known
// about its advertisers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { simulateWorld, writeWorld } from 'category2vec';

const data = fileURLToPath(new URL('data/', import.meta.url));
const world = mkdtempSync(join(tmpdir(), 'category2vec-world-'));
const size = { users: 1500, advertisers: 300, languages: 5, topics: 8, impressions: 0, seed: 1 };

try {
  await writeWorld(world, simulateWorld(size));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const save = (/** @type {string} */ query, /** @type {string} */ name) =>
    connection.run(`COPY (${query}) TO '${data}${name}' (HEADER)`);
  await save(
    `SELECT user_id, advertiser, strftime(time, '%Y-%m-%d %H:%M') AS time FROM '${world}/clicks.parquet' ` +
      'ORDER BY time, user_id, advertiser',
    'clicks.csv',
  );
  await save(`SELECT advertiser, language, topic FROM '${world}/advertisers.csv'`, 'advertisers.csv');
  connection.closeSync();
} finally {
  rmSync(world, { recursive: true });
}
