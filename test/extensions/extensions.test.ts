/** What is added often takes a file of its own and a row in a table: a format, a command, an engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExchange, writeExchange } from '../../src/duckdb/tables/exchange-files.js';
import { exchangeTable } from '../../src/formats/exchange-table.js';
import { historiesFromRows, trainEmbedding } from '../../src/index.js';
import { runCommand } from '../cli/harness.js';
import { jsonRow } from './json-format.js';
import { pairsEngine } from './pairs-engine.js';

test('a new engine gives the histories, and the bits, that arrays give', async () => {
  const histories = pairsEngine('u1:a u1:b u2:a u2:c u3:a u3:b u3:c');
  const same = historiesFromRows([
    ['a', 'b'],
    ['a', 'c'],
    ['a', 'b', 'c'],
  ]);
  const [ours, theirs] = await Promise.all([histories, same].map((log) => trainEmbedding(log, { dimension: 4 })));

  expect(ours?.vocabulary.keys).toEqual(theirs?.vocabulary.keys);
  expect(ours?.vectors).toEqual(theirs?.vectors);
});

test('a new format is a row and a file: what it writes it reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'category2vec-extensions-'));
  const table = { ...exchangeTable, json: jsonRow };
  const embedding = await trainEmbedding(pairsEngine('u1:a u1:b u2:b u2:c'), { dimension: 4 });
  const paths = await writeExchange(join(folder, 'vectors.json'), table.json, embedding);
  const again = await readExchange(join(folder, 'vectors.json'), { ...table.json, format: 'json' });
  rmSync(folder, { recursive: true });

  expect(paths).toEqual([join(folder, 'vectors.json')]);
  expect(again.vocabulary.keys).toEqual(embedding.vocabulary.keys);
  expect(again.vectors).toEqual(embedding.vectors);
});

test('a new command is a row and a file', async () => {
  const commands = [
    { name: 'count', summary: 'count the categories of a log', load: () => import('./count-command.js') },
  ];

  expect(await runCommand(['count', 'u1:a u1:b', '--json'], { commands })).toMatchObject({
    exitCode: 0,
    stdout: '{"categories":2,"histories":1}\n',
  });
  expect((await runCommand(['count', '--help'], { commands })).stdout).toContain('category2vec count "u1:a u1:b"');
});
