/** `simulate`: a click world with known truth, written to a folder. */
import { InputError } from '../../checks.js';
import { writeWorld, type WrittenWorld } from '../../duckdb/write-world.js';
import { worldOptions } from '../../simulation/options.js';
import { simulateWorld } from '../../simulation/simulate-world.js';
import { setAction } from '../action.js';
import type { DefineCommand } from '../command.js';
import { addTableFlags, addValueFlag, tableValues } from '../flags/flags.js';
import { formatCount, formatTable, indent, printable, shellWord } from '../print/text.js';

interface SimulateFlags {
  readonly out?: string;
  readonly overwrite?: boolean;
}

/** Draws a world and writes its files. */
export const defineSimulate: DefineCommand = (command, streams) => {
  addTableFlags(command, worldOptions, 'World');
  addValueFlag(command, '--out <folder>', 'where the files go; made if it does not exist', { group: 'Output' });
  command.optionsGroup('Output').option('--overwrite', 'write into a folder that holds other files too');
  setAction<SimulateFlags>(command, streams, {
    examples: [
      'category2vec simulate --out world',
      'category2vec simulate --out large-world --users 50000 --advertisers 5000 --seed 2',
    ],
    act: async ({ flags, progress, streams: { signal } }) => {
      const { out, overwrite = false } = flags;
      if (out === undefined || out === '') throw new InputError('--out must name a folder to write, got nothing');
      const world = simulateWorld(tableValues(worldOptions, { ...flags }));
      // Every impression is written twice: labelled, and with its true probabilities.
      const rowsExpected = world.options.users * world.options.shown + 2 * world.options.impressions;
      const onProgress = (rows: number) => progress.update('writing', { share: Math.min(1, rows / rowsExpected) });
      const written = await writeWorld(out, world, { overwrite, signal, onProgress });
      return { json: { ...written, out: [...written.out] }, text: describeWorld(out, written) };
    },
  });
};

function describeWorld(folder: string, { out, users, advertisers, clicks, shown, impressions }: WrittenWorld): string {
  const rows = new Map([
    ['clicks.parquet', [formatCount(clicks), 'clicks of the earlier period']],
    ['shown.parquet', [formatCount(shown), 'shown then, and not clicked']],
    ['impressions.parquet', [formatCount(impressions), 'impressions of the later period, labelled']],
    ['oracle.parquet', [formatCount(impressions), 'their true probabilities, never a feature']],
    ['advertisers.csv', [formatCount(advertisers), 'advertisers']],
    ['users.csv', [formatCount(users), 'users']],
  ]);
  const table = out.map((path) => [printable(path), ...(rows.get(path.split(/[\\/]/).at(-1) ?? '') ?? [])]);
  const log = shellWord(`${folder}/clicks.parquet`);
  return [
    `${printable(folder)}: a world of ${formatCount(users)} users and ${formatCount(advertisers)} advertisers`,
    indent(formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '' }], table)),
    '',
    `Next: category2vec train ${log} --history user_id --category advertiser --out advertisers.parquet`,
  ].join('\n');
}
