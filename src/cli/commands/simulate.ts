/** `simulate`: a click world with known truth, written to a folder. */
import { writeWorld, type WrittenWorld } from '../../duckdb/tables/write-world.js';
import { worldOptions } from '../../simulation/options.js';
import { simulateWorld } from '../../simulation/simulate-world.js';
import { defineCommand } from '../define-command.js';
import { tableValues } from '../flags/flags.js';
import { outputFolder } from '../flags/output-path.js';
import { formatCount, formatTable, indent, printable } from '../print/text.js';

/** Draws a world and writes its files. */
export const command = defineCommand({
  options: { World: worldOptions, Output: outputFolder('where the files go; made if it does not exist') },
  examples: [
    'category2vec simulate --out world',
    'category2vec simulate --out large-world --users 50000 --advertisers 5000 --seed 2',
  ],
  act: async ({ flags, progress, streams: { signal } }) => {
    const { out, overwrite = false } = flags;
    const world = simulateWorld(tableValues(worldOptions, { ...flags }));
    const onProgress = ({ share }: { readonly share: number }) => progress.update('writing', { share });
    const written = await writeWorld(out, world, { overwrite }, { signal, onProgress });
    return { json: written, text: describeWorld(out, written), next: trainNext(out) };
  },
});

function trainNext(folder: string): string[][] {
  const log = `${folder}/clicks.parquet`;
  return [['train', log, '--history', 'user_id', '--category', 'advertiser', '--out', 'advertisers.parquet']];
}

function describeWorld(
  folder: string,
  { out, users, advertisers, clicks, shown, impressions, nextClicks = 0, movers = 0, arrivals = 0 }: WrittenWorld,
): string {
  const rows = new Map([
    ['clicks.parquet', [formatCount(clicks), 'clicks of the earlier period']],
    ['shown.parquet', [formatCount(shown), 'shown then, and not clicked']],
    ['impressions.parquet', [formatCount(impressions), 'impressions of the later period, labeled']],
    ['oracle.parquet', [formatCount(impressions), 'their true probabilities, never a feature']],
    ['advertisers.csv', [formatCount(advertisers), 'advertisers']],
    ['users.csv', [formatCount(users), 'users']],
    ['next-clicks.parquet', [formatCount(nextClicks), 'clicks of a next period, after the movers have moved']],
    ['arrivals.csv', [formatCount(arrivals), 'advertisers that appear day by day then']],
    ['movers.csv', [formatCount(movers), 'advertisers of another topic then, never a feature']],
  ]);
  const table = out.map((path) => [printable(path), ...(rows.get(path.split(/[\\/]/).at(-1) ?? '') ?? [])]);
  return [
    `${printable(folder)}: a world of ${formatCount(users)} users and ${formatCount(advertisers)} advertisers`,
    indent(formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '' }], table)),
  ].join('\n');
}
