/** renderMapPage: maps alone as one page of HTML. */
import type { Embedding } from '../embedding/embedding.js';
import { coloringOf, type Coloring } from '../maps/coloring.js';
import { checkCall, objectWith } from '../step.js';
import { escapeMarkup } from './markup.js';
import { someEmbeddings, type NamedEmbedding } from './measure.js';
import { renderPage } from './page.js';

/** What a page of maps says, and where it puts the categories. */
export interface MapPage {
  readonly title: string;
  /** the line below the title */
  readonly subtitle: string;
  /** places of each embedding, shape [V, 2] */
  readonly coordinates: readonly Float32Array[];
  /** the attribute that colors first, or `count` */
  readonly color: string;
  /** splits a label into several values */
  readonly separator?: string | undefined;
}

const pageKind = objectWith('an object such as { title, subtitle, coordinates, color }', [
  'title',
  'subtitle',
  'coordinates',
  'color',
]);

/**
 * The maps alone as a page: pan, zoom, hover, color, search.
 *
 * @param embeddings - one, or two of the same categories in the same order
 */
export function renderMapPage(embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]], page: MapPage): string {
  checkCall('renderMapPage([{ name, embedding }], { title, subtitle, coordinates, color })', {
    embeddings: [embeddings, someEmbeddings],
    page: [page, pageKind],
  });
  const { title, subtitle, coordinates, color, separator } = page;
  const [{ embedding }] = embeddings;
  return renderPage({
    title,
    introduction: `<p class="soft">${escapeMarkup(subtitle)}</p>`,
    embedding,
    maps: embeddings.map(({ name }, i) => ({ name, coordinates: coordinates[i] ?? new Float32Array() })),
    colorings: coloringsOf(embedding, color, separator),
    sections: [],
  });
}

/** Colors for every attribute and for the clicks: the one that was asked for first. */
export function coloringsOf(
  embedding: Embedding,
  first: string | undefined,
  separator?: string,
): [Coloring, ...Coloring[]] {
  const names = new Set([...(first === undefined ? [] : [first]), ...embedding.attributes.keys(), 'count']);
  const [head = 'count', ...rest] = names;
  const coloring = (name: string) => coloringOf(embedding, name, separator);
  return [coloring(head), ...rest.map(coloring)];
}
