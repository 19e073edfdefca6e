/** The default world is frozen: every figure that the docs give was measured on it. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWorld } from '../../src/duckdb/tables/write-world.js';
import { languageShares } from '../../src/simulation/advertisers.js';
import { simulateWorld } from '../../src/simulation/simulate-world.js';

/** SHA-256 of the files of `simulate` without options. A change here is a change of the world: it belongs in the changelog. */
const frozen = {
  'advertisers.csv': 'be7860ffc22b5628b68d81a83840d99e857d6519f57f646d11c1d1ccab0e2e2d',
  'clicks.parquet': 'a463291e39ec41074519a5c5e75c20824b4159491d5d0f5ff60ac371c3b21627',
  'impressions.parquet': 'b18d2d73ad79b98774ff25d8f4af03fb0a0b46a691a6c70a9a944f757002a9c7',
  'oracle.parquet': 'ef54d708b6e0a6259ca1430a996544090123fad2fda2e2bd8fc0a337a66362ec',
  'shown.parquet': 'd1f96f04e6b44d7759b5150038a8d7a69b25976ab03036bf44b11e1c908c251b',
  'users.csv': '57dee9bc4ba4fbe1a0417730c38a0689392f217f61cbb8ef8f4573685b398969',
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'default-world-'));
  await writeWorld(folder, simulateWorld());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The numbers of the only row of a query; `{x}` stands for file x of the world. */
async function numbersOf(sql: string): Promise<number[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql.replaceAll(/\{(.*?)\}/g, (_, name) => `'${folder}/${name}'`));
    return (reader.getRowsJson()[0] ?? []).map(Number);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Area under the ROC curve of a score, ties counting half, over rows (score, clicked). */
const aucOf = (rows: string): string => `
  WITH scored AS (${rows}),
  ranked AS (SELECT clicked, (rank() OVER (ORDER BY score) + count(*) OVER (PARTITION BY score) / 2) AS rank FROM scored)
  SELECT (sum(rank) FILTER (clicked = 1) - p * p / 2) / (p * (n - p))
  FROM ranked, (SELECT count(*) AS n, sum(clicked) AS p FROM scored) GROUP BY n, p`;

describe('the default world', () => {
  test.each(Object.entries(frozen))('is frozen: %s', async (name, hash) => {
    const bytes = await readFile(join(folder, name));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash);
  });

  test('has users of languages in shares of 1 / rank^0.8, one in twenty bilingual, with one to three topics', async () => {
    const [english = 0, bilingual = 0, topics = 0] = await numbersOf(
      `SELECT avg((language = 'en')::INT), avg((second_language IS NOT NULL)::INT), avg(length(string_split(topics, '|')))
       FROM {users.csv}`,
    );
    expect(english).toBeCloseTo(languageShares(12)[0] ?? 0, 2);
    expect(bilingual).toBeCloseTo(0.05, 2);
    expect(topics).toBeCloseTo(2, 1);
  });

  test('has about twelve clicks a user, ten of them on different advertisers, on one in eleven of what is shown', async () => {
    const [clicks = 0, different = 0, shown = 0] = await numbersOf(
      `SELECT count(*) / 20000, count(DISTINCT (user_id, advertiser)) / 20000, (SELECT count(*) / 20000 FROM {shown.parquet})
       FROM {clicks.parquet}`,
    );
    expect(clicks).toBeCloseTo(12.03, 2);
    expect(different).toBeCloseTo(10.05, 2);
    expect(clicks / (clicks + shown)).toBeCloseTo(0.0956, 3);
  });

  test('shows advertisers by Zipf popularity: slope −0.85 of log shown over log(rank + 3) in the largest language', async () => {
    const [slope = 0] = await numbersOf(
      `WITH counts AS (SELECT advertiser, count(*) AS n FROM {shown.parquet} JOIN {advertisers.csv} USING (advertiser)
         WHERE language = 'en' GROUP BY advertiser)
       SELECT regr_slope(ln(n), ln(rank + 3)) FROM (SELECT n, row_number() OVER (ORDER BY n DESC) AS rank FROM counts)
       WHERE rank <= 200`,
    );
    expect(slope).toBeCloseTo(-0.85, 1);
  });

  test('strays once in fifty impressions', async () => {
    const [strays = 0] = await numbersOf(
      `SELECT avg((a.language <> u.language AND a.language IS DISTINCT FROM u.second_language)::INT)
       FROM {impressions.parquet} i JOIN {advertisers.csv} a USING (advertiser) JOIN {users.csv} u USING (user_id)`,
    );
    expect(strays).toBeCloseTo(0.02, 3);
  });

  test('knows no reading of a quarter of the users', async () => {
    const [empty = 0, sections = 0] = await numbersOf(
      `SELECT count(DISTINCT user_id) FILTER (len(reading) = 0) / count(DISTINCT user_id),
       avg(len(reading)) FILTER (len(reading) > 0)
       FROM {impressions.parquet}`,
    );
    expect(empty).toBeCloseTo(0.245, 2);
    expect(sections).toBeCloseTo(6.5, 1);
  });

  test('says almost nothing about language in the label: AUC of the click rate of a language', async () => {
    const [auc = 0] = await numbersOf(
      aucOf(`SELECT avg(clicked) OVER (PARTITION BY language) AS score, clicked
             FROM {impressions.parquet} JOIN {advertisers.csv} USING (advertiser)`),
    );
    expect(auc).toBeLessThan(0.52);
  });

  test('can be predicted far better from the history than from the advertiser', async () => {
    const later = `(SELECT *, row_number() OVER () - 1 AS row FROM {impressions.parquet}) JOIN {oracle.parquet} USING (row)`;
    const [rate = 0] = await numbersOf(
      aucOf(`SELECT avg(clicked) OVER (PARTITION BY advertiser) AS score, clicked FROM {impressions.parquet}`),
    );
    const [history = 0] = await numbersOf(aucOf(`SELECT probability_given_history AS score, clicked FROM ${later}`));
    const [truth = 0] = await numbersOf(aucOf(`SELECT probability AS score, clicked FROM ${later}`));

    expect(rate).toBeLessThan(0.63); // counted on the rows it is judged on; 0.60 on others
    expect(history).toBeCloseTo(0.816, 2);
    expect(truth).toBeCloseTo(0.84, 2);
  });
});

describe('other seeds', () => {
  test.each([2, 3])('give another world with the same moments: %i', (seed) => {
    const world = simulateWorld({ seed, impressions: 200_000 });
    let [clicks, clicked] = [0, 0];
    for (const { rows } of world.clicks()) clicks += rows;
    for (const batch of world.impressions()) clicked += batch.clicked.reduce((sum, value) => sum + value, 0);

    expect(clicks / 20_000).toBeGreaterThan(11.3);
    expect(clicks / 20_000).toBeLessThan(12.7);
    expect(clicked / 200_000).toBeCloseTo(0.088, 2);
  });
});
