/** renderMap: embeddings in the plane, as a picture or a page, with how far it can be trusted in its title. */
import { checkChoice, checkInteger, InputError, named, sentence } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import { anEmbedding, type Embedding } from '../embedding/embedding.js';
import { labelPurity } from '../evaluation/label-purity.js';
import { planePurity } from '../evaluation/plane-purity.js';
import { coloringOf, type Coloring } from '../maps/coloring.js';
import type { ProjectionOptions } from '../projection/options.js';
import { projectEmbedding, type EmbeddingMap } from '../projection/project-embedding.js';
import { checkCall, optionsKind, plainHooks, type StepHooks } from '../step.js';
import { drawMap } from './draw-map.js';
import { countText, percentText } from './markup.js';
import { checkSame, someEmbeddings, type NamedEmbedding } from './measure.js';
import { rasterize } from './rasterize.js';
import { renderMapPage } from './map-page.js';

/** Ways to show a map: pictures, and a page to move about in. */
export const mapFormats = ['svg', 'png', 'html'] as const;

/** How a picture is drawn. */
export interface PictureOptions {
  /** `svg`, `png`, or `html`, a page with pan, zoom and search; default svg */
  readonly format?: (typeof mapFormats)[number] | undefined;
  /** of a picture; a page takes it from the reader's system; default light */
  readonly theme?: 'light' | 'dark' | undefined;
  /** pixels of a picture, from 320 to 7680; its height is 9/16 of it; default 1600 */
  readonly width?: number | undefined;
}

/** How a map is made and drawn. */
export interface RenderMapOptions extends PictureOptions {
  /** the attribute that colors it, or `count`; default the first attribute */
  readonly color?: string | undefined;
  /** splits a label into several values, such as `|` in `Crime|Drama` */
  readonly separator?: string | undefined;
  /** how categories are placed */
  readonly projection?: ProjectionOptions | undefined;
}

/** Purity of the attribute that colors a map. */
export interface MapPurity {
  /** neighbors of each category */
  readonly k: number;
  /** among the nearest of the space */
  readonly purity: number;
  /** among the nearest points of the map; undefined where there is none that can be judged */
  readonly planePurity: number | undefined;
  /** what random neighbors would give */
  readonly chance: number;
}

/** Embeddings in the plane, before they are drawn. */
export interface MeasuredMap {
  readonly embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]];
  /** one for each embedding */
  readonly maps: readonly EmbeddingMap[];
  readonly coloring: Coloring;
  /** one for each embedding; undefined for numbers, and for labels that cannot be judged */
  readonly purities: readonly (MapPurity | undefined)[];
}

/** A map and what shows it. */
export interface RenderedMap {
  /** text of a picture .svg or a page .html, bytes of a picture .png: what the file holds */
  readonly content: string | Uint8Array;
  /** what it says above the map: purity of the nearest against chance, or what the colors are */
  readonly title: string;
  /** places and quality, one for each embedding */
  readonly maps: readonly EmbeddingMap[];
  /** the attribute that colors it, or `count` */
  readonly color: string;
  /** one for each embedding; undefined for numbers, and for labels that cannot be judged */
  readonly purities: readonly (MapPurity | undefined)[];
}

const optionKind = optionsKind<RenderMapOptions>({
  format: true,
  theme: true,
  width: true,
  color: true,
  separator: true,
  projection: true,
});

/**
 * Draws embeddings in the plane: what the command `map` writes, picture or page, for one of its endings. A table of the
 * coordinates is written by `writeMapTable`.
 *
 * @param embeddings - one, or two of the same categories in the same order, side by side
 * @throws InputError for an option out of range, categories that differ, and an attribute that is unknown
 */
export async function renderMap(
  embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]],
  options: RenderMapOptions = {},
  hooks: StepHooks = {},
): Promise<RenderedMap> {
  const call = 'renderMap([{ name, embedding }], options, hooks)';
  checkCall(call, {
    embeddings: [embeddings, someEmbeddings],
    options: [options, optionKind],
    hooks: [hooks, plainHooks],
  });
  for (const { embedding } of embeddings) checkCall(call, { embedding: [embedding, anEmbedding] });
  const { format = 'svg', theme = 'light', width = 1600 } = options;
  checkChoice('format', format, mapFormats);
  checkChoice('theme', theme, ['light', 'dark']);
  checkInteger('width', width, { min: 320, max: 7680 });
  checkSame(embeddings, 'a map');
  const drawn = await measureMap(embeddings, options, hooks);
  const { maps, purities, coloring } = drawn;
  const { title } = titleOf(drawn);
  return { content: contentOf(drawn, options), title, maps, color: coloring.attribute, purities };
}

/**
 * Places embeddings in the plane, and measures the attribute that colors them.
 *
 * @param options - `advice` stands behind the names of attributes where one is not known
 */
export async function measureMap(
  embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]],
  {
    color,
    separator,
    projection,
    advice = '',
  }: Pick<RenderMapOptions, 'color' | 'separator' | 'projection'> & { readonly advice?: string },
  { signal, onProgress }: StepHooks,
): Promise<MeasuredMap> {
  const [{ embedding: first }] = embeddings;
  const coloring = coloringOf(first, checkColor(color, first, advice), separator);
  const maps: EmbeddingMap[] = [];
  for (const { name, embedding } of embeddings) {
    const stage = embeddings.length === 1 ? 'mapping' : `mapping ${name}`;
    const told = onProgress && (({ share }: { readonly share: number }) => onProgress({ stage, share }));
    maps.push(await projectEmbedding(embedding, projection, { signal, onProgress: told }));
  }
  const purities = await Promise.all(
    embeddings.map(({ embedding }, i) => measurePurity(embedding, coloring, { map: maps[i], separator, signal })),
  );
  return { embeddings, maps, coloring, purities };
}

/** What a file of a map holds. */
export function contentOf(
  drawn: MeasuredMap,
  { format = 'svg', theme, width, separator }: PictureOptions & Pick<RenderMapOptions, 'separator'>,
): string | Uint8Array {
  const { embeddings, maps, coloring } = drawn;
  if (format === 'html') {
    const coordinates = maps.map((map) => map.coordinates);
    return renderMapPage(embeddings, { ...titleOf(drawn), coordinates, color: coloring.attribute, separator });
  }
  const panels = maps.map(({ coordinates }, i) => ({ coordinates, heading: headingOf(drawn, i) }));
  const svg = drawMap({ ...titleOf(drawn), panels, coloring, theme, width });
  return format === 'png' ? rasterize(svg) : svg;
}

/** The attribute that colors a map: the one that is asked for, else the first, else the clicks. */
function checkColor(color: string | undefined, { attributes }: Embedding, advice: string): string {
  const known = [...attributes.keys(), 'count'];
  const [first = 'count'] = known;
  if (color === undefined || known.includes(color)) return color ?? first;
  throw new InputError(
    sentence`${named('color')} must be ${known.length > 1 ? 'one of ' : ''}${known.join(', ')}, got
      ${JSON.stringify(color)}${spellingHint(color, known) || advice}`,
  );
}

/** Purity of the ten nearest; undefined for numbers, and for labels that purity cannot judge (all alike, or too few). */
async function measurePurity(
  embedding: Embedding,
  coloring: Coloring,
  {
    map,
    separator,
    signal,
  }: {
    readonly map: EmbeddingMap | undefined;
    readonly separator: string | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<MapPurity | undefined> {
  if (coloring.kind === 'numbers' || !embedding.attributes.has(coloring.attribute)) return undefined;
  const options = { attribute: coloring.attribute, k: 10, separator, permutations: 0, suspects: 0 };
  try {
    const { k, purity, chance } = await labelPurity(embedding, options, { signal });
    const plane = map === undefined ? undefined : planePurity(embedding, map.coordinates, options);
    return { k, purity, planePurity: plane?.purity, chance };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}

/** `97 % of the 10 nearest neighbors share the language, against 13 % by chance`, and what is drawn. */
function titleOf({ embeddings, maps, coloring, purities }: MeasuredMap): { title: string; subtitle: string } {
  const [{ name, embedding }] = embeddings;
  const measured = purities.filter((figures) => figures !== undefined);
  const shares = measured.map(({ purity }) => percentText(purity)).join(' and ');
  const chance = percentText(measured[0]?.chance ?? 0);
  const { size } = embedding.vocabulary;
  const categories = `${countText(size)} ${size === 1 ? 'category' : 'categories'}`;
  const method = maps[0]?.method === 'pca' ? 'PCA' : 't-SNE';
  const trust = maps.map(({ quality }) => quality.trustworthiness.toFixed(3)).join(' and ');
  const what = embeddings.length === 1 ? [name, `${categories} × ${embedding.dimension} numbers`] : [categories];
  return {
    title:
      measured.length === maps.length
        ? `${shares} of the 10 nearest neighbors share the ${coloring.attribute}, against ${chance} by chance`
        : `The colors of ${embeddings.map((each) => each.name).join(' and ')} show ` +
          (coloring.attribute === 'count' ? 'clicks' : `the ${coloring.attribute}`),
    subtitle: [...what, method, `trustworthiness ${trust}`].join(' · '),
  };
}

/** A heading for each of two maps, `name: 97 %`; none for one alone. */
function headingOf({ embeddings, purities }: MeasuredMap, i: number): string | undefined {
  const name = embeddings[i]?.name ?? '';
  const purity = purities[i];
  if (embeddings.length === 1) return undefined;
  return purity === undefined ? name : `${name}: ${percentText(purity.purity)}`;
}
