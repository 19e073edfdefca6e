/** `map`: one embedding or two in the plane, colored by an attribute, as a picture, a page or a table. */
import { extname } from 'node:path';
import { InputError } from '../../checks.js';
import { writeOutputParts, type OutputHooks } from '../../files/atomic-file.js';
import { writeMapTable } from '../../duckdb/tables/write-map.js';
import { projectionOptions } from '../../projection/options.js';
import { contentOf, measureMap, type MeasuredMap } from '../../report/render-map.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import type { FlagTable, GivenFlags } from '../flags/flag-table.js';
import { tableValues } from '../flags/flags.js';
import { mapFlags, readEmbeddings, type MapFlags, type NamedEmbedding } from '../flags/map-flags.js';
import { describeFigures, figuresOf, withNames } from '../print/map-report.js';
import { checkOutputFile } from '../flags/output-path.js';
import { countOf, printable } from '../print/text.js';

type Flags = MapFlags & GivenFlags<typeof pictureFlags> & { readonly color?: string | undefined; readonly out: string };

const endings = ['.png', '.svg', '.html', '.parquet', '.csv'] as const;
type Ending = (typeof endings)[number];

const pictureFlags = {
  theme: { kind: 'choice', choices: ['light', 'dark'], default: 'light', value: 'name', help: 'page of the picture' },
  width: {
    kind: 'integer',
    min: 320,
    max: 7680,
    default: 1600,
    value: 'pixels',
    help: 'of .png, .svg; height is 9/16',
  },
} as const satisfies FlagTable;

/** Draws embeddings in the plane and writes what the ending of `--out` says. */
export const command = defineCommand({
  arguments: [{ name: 'embeddings...', help: 'embedding file, or two to draw side by side' }],
  options: {
    Options: {
      color: {
        kind: 'text',
        value: 'attribute',
        isCommon: true,
        help: 'attribute that colors the map, or count [the first]',
      },
      ...mapFlags.Options,
    },
    Map: mapFlags.Map,
    Attributes: mapFlags.Attributes,
    Picture: pictureFlags,
    Output: {
      out: {
        kind: 'file',
        isRequired: true,
        isCommon: true,
        help: 'picture .png, .svg; page .html; table .parquet, .csv',
      },
    },
  },
  examples: [
    'category2vec map advertisers.parquet --color language --out map.png',
    'category2vec map advertisers.parquet --color topic --most 1000 --perplexity 15 --theme dark --out map.svg',
    'category2vec map advertisers.parquet --attributes world/advertisers.csv --key advertiser --method pca --out map.parquet',
  ],
  act: async ({ args: paths, flags, progress, streams: { signal } }) => {
    const ending = endingOf(flags.out);
    checkPictureFlags(flags, ending);
    const out = await checkOutputFile(flags.out, [...paths, flags.attributes]);
    const embeddings = await readEmbeddings(paths, flags, { progress, signal });
    const drawn = await measureMap(
      withNames(embeddings),
      {
        color: flags.color,
        separator: flags.separator,
        projection: tableValues(projectionOptions, { ...flags }),
        advice: flags.attributes === undefined ? '; --attributes FILE --key COLUMN joins more from a table' : '',
      },
      { signal, onProgress: ({ stage, share }) => progress.update(stage, { share }) },
    );
    await write(out, ending, drawn, { ...flags, signal });
    return summary(out, embeddings, drawn);
  },
});

function endingOf(out = ''): Ending {
  const found = endings.find((ending) => ending === extname(out).toLowerCase());
  if (found !== undefined || out === '') return found ?? '.png';
  throw new InputError(`--out must end in one of ${endings.join(', ')}, got ${JSON.stringify(out)}`);
}

/** A page takes light or dark from the reader's system and its size from the window; a table has neither. */
function checkPictureFlags({ theme, width, out }: Flags, ending: Ending): void {
  const given = theme !== undefined ? '--theme' : width !== undefined ? '--width' : undefined;
  if (given === undefined || ending === '.png' || ending === '.svg') return;
  throw new InputError(
    `${given} is for pictures, .png and .svg, got it with --out ${JSON.stringify(out)}; leave it out`,
  );
}

async function write(
  out: string,
  ending: Ending,
  drawn: MeasuredMap,
  { theme, width, separator, signal }: Flags & OutputHooks,
): Promise<void> {
  const { embeddings, maps } = drawn;
  const [{ embedding }] = embeddings;
  const table = { embedding, coordinates: maps.map(({ coordinates }) => coordinates) };
  if (ending === '.parquet' || ending === '.csv') return writeMapTable(out, table, { signal });
  const format = ending === '.png' ? 'png' : ending === '.svg' ? 'svg' : 'html';
  await writeOutputParts(out, [contentOf(drawn, { format, theme, width, separator })], { signal });
}

function summary(
  out: string,
  embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]],
  { maps, coloring, purities }: MeasuredMap,
): Result {
  const [{ embedding }] = embeddings;
  const [first, ...others] = figuresOf(embeddings, { maps, purities });
  const figures = first === undefined ? [] : [first, ...others];
  const common = {
    out,
    categories: embedding.vocabulary.size,
    method: maps[0]?.method ?? '',
    color: coloring.attribute,
  };
  const { embedding: _path, ...alone } = { embedding: '', ...first };
  const categories = countOf(embedding.vocabulary.size, 'category', 'categories');
  return {
    json: others.length === 0 ? { ...common, ...alone } : { ...common, maps: figures },
    text:
      `${printable(out)}: ${categories} by ` +
      `${common.method === 'pca' ? 'PCA' : 't-SNE'}\n${describeFigures(figures, coloring.attribute)}`,
    next: [['explore', ...embeddings.map(({ path }) => path)]],
  };
}
