/** `map`: one embedding or two in the plane, colored by an attribute, as a picture, a page or a table. */
import { extname } from 'node:path';
import { InputError } from '../../checks.js';
import { writeOutputParts, type OutputHooks } from '../../files/atomic-file.js';
import { writeMapCsv, writeMapParquet } from '../../duckdb/tables/write-map.js';
import { spellingHint } from '../../closest-spellings.js';
import type { Embedding } from '../../embedding/embedding.js';
import { coloringOf } from '../../maps/coloring.js';
import { drawMap } from '../../report/draw-map.js';
import { rasterize } from '../../report/rasterize.js';
import { renderMapPage } from '../../report/report.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import type { FlagTable, GivenFlags } from '../flags/flag-table.js';
import { mapFlags, projectAll, readEmbeddings, type MapFlags } from '../flags/map-flags.js';
import {
  defaultAttribute,
  describeFigures,
  figuresOf,
  headingOf,
  measurePurity,
  pictureTitle,
  withNames,
  type Drawn,
} from '../print/map-report.js';
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
    const [{ embedding }] = embeddings;
    const coloring = coloringOf(embedding, checkColor(flags, embedding), flags.separator);
    const maps = await projectAll(embeddings, flags, { progress, signal });
    const purities = await Promise.all(
      embeddings.map(({ embedding: measured }, i) =>
        measurePurity(measured, coloring, { map: maps[i], separator: flags.separator, signal }),
      ),
    );
    const drawn = { embeddings, maps, coloring, purities };
    await write(out, ending, drawn, { ...flags, signal });
    return summary(out, drawn);
  },
});

/** The attribute that colors the map: the one that is asked for, else the first, else the clicks. */
function checkColor({ color, attributes: file }: Flags, embedding: Embedding): string {
  if (color === undefined) return defaultAttribute(embedding);
  if (color === 'count' || embedding.attributes.has(color)) return color;
  const known = [...embedding.attributes.keys(), 'count'];
  const joined = file === undefined ? '; --attributes FILE --key COLUMN joins more from a table' : '';
  throw new InputError(
    `--color must be ${known.length > 1 ? 'one of ' : ''}${known.join(', ')}, got ` +
      `${JSON.stringify(color)}${spellingHint(color, known) || joined}`,
  );
}

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
  drawn: Drawn,
  { theme, width, separator, signal }: Flags & OutputHooks,
): Promise<void> {
  const { embeddings, maps, coloring } = drawn;
  const [{ embedding }] = embeddings;
  const table = { embedding, coordinates: maps.map(({ coordinates }) => coordinates) };
  if (ending === '.parquet') return writeMapParquet(out, table, { signal });
  if (ending === '.csv') return writeMapCsv(out, table, { signal });
  if (ending === '.html') {
    const page = { ...pictureTitle(drawn), coordinates: table.coordinates, color: coloring.attribute, separator };
    return writeOutputParts(out, [renderMapPage(withNames(embeddings), page)], { signal });
  }
  const panels = maps.map(({ coordinates }, i) => ({ coordinates, heading: headingOf(drawn, i) }));
  const svg = drawMap({ ...pictureTitle(drawn), panels, coloring, theme, width });
  await writeOutputParts(out, [ending === '.png' ? rasterize(svg) : svg], { signal });
}

function summary(out: string, drawn: Drawn): Result {
  const { embeddings, maps, coloring } = drawn;
  const [{ embedding }] = embeddings;
  const [first, ...others] = figuresOf(drawn);
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
