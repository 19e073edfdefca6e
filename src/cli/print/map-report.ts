/** What `map` and `report` say about a map: its title, its quality, and purity against chance. */
import { basename, extname } from 'node:path';
import { InputError } from '../../checks.js';
import type { Embedding } from '../../embedding/embedding.js';
import { labelPurity } from '../../evaluation/label-purity.js';
import { planePurity } from '../../evaluation/plane-purity.js';
import type { EmbeddingMap } from '../../projection/project-embedding.js';
import type { Coloring } from '../../maps/coloring.js';
import { percentText } from '../../report/markup.js';
import type { NamedEmbedding } from '../flags/map-flags.js';
import { countOf, formatFigure, formatTable, indent, printable } from './text.js';

/** Purity of the attribute that colors a map. */
export interface PurityFigures {
  readonly k: number;
  readonly purity: number;
  /** among the nearest points of the map; undefined where there is no map */
  readonly planePurity: number | undefined;
  readonly chance: number;
}

/** Figures of one map as `--json` prints them. */
export interface MapFigures {
  readonly embedding: string;
  readonly trustworthiness: number;
  readonly continuity: number;
  readonly recall: number;
  readonly klDivergence: number | null;
  /** of the neighbor graph that t-SNE was given */
  readonly graphRecall: number | null;
  readonly purity: number | null;
  readonly planePurity: number | null;
  readonly chance: number | null;
}

/** What is drawn and how good it is. */
export interface Drawn {
  readonly embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]];
  readonly maps: readonly EmbeddingMap[];
  readonly coloring: Coloring;
  readonly purities: readonly (PurityFigures | undefined)[];
}

/** The attribute that colors a map where none is named: the first one, else the clicks. */
export function defaultAttribute({ attributes }: Embedding): string {
  const [first = 'count'] = attributes.keys();
  return first;
}

/** Purity of the ten nearest; undefined for numbers, and for labels that purity cannot judge (all alike, or too few). */
export async function measurePurity(
  embedding: Embedding,
  coloring: Coloring,
  {
    map,
    separator,
    signal,
  }: {
    readonly map: EmbeddingMap | undefined;
    readonly separator: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<PurityFigures | undefined> {
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
export function pictureTitle({ embeddings, maps, coloring, purities }: Drawn): { title: string; subtitle: string } {
  const [{ path, embedding }] = embeddings;
  const measured = purities.filter((figures) => figures !== undefined);
  const shares = measured.map(({ purity }) => percentText(purity)).join(' and ');
  const chance = percentText(measured[0]?.chance ?? 0);
  const categories = countOf(embedding.vocabulary.size, 'category', 'categories');
  const method = maps[0]?.method === 'pca' ? 'PCA' : 't-SNE';
  const trust = maps.map(({ quality }) => quality.trustworthiness.toFixed(3)).join(' and ');
  const what =
    embeddings.length === 1 ? [nameOf(path), `${categories} × ${embedding.dimension} numbers`] : [categories];
  return {
    title:
      measured.length === maps.length
        ? `${shares} of the 10 nearest neighbors share the ${coloring.attribute}, against ${chance} by chance`
        : `The colors of ${embeddings.map((named) => nameOf(named.path)).join(' and ')} show ` +
          (coloring.attribute === 'count' ? 'clicks' : `the ${coloring.attribute}`),
    subtitle: [...what, method, `trustworthiness ${trust}`].join(' · '),
  };
}

/** A heading for each of two maps, `name: 97 %`; none for one alone. */
export function headingOf({ embeddings, purities }: Drawn, i: number): string | undefined {
  const name = nameOf(embeddings[i]?.path ?? '');
  const purity = purities[i];
  if (embeddings.length === 1) return undefined;
  return purity === undefined ? name : `${name}: ${percentText(purity.purity)}`;
}

/** What an embedding is called: its file without folder and ending. */
export function nameOf(path: string): string {
  return basename(path, extname(path));
}

/** Embeddings under the names of their files; two of one name under their paths. */
export function withNames([first, ...others]: readonly [NamedEmbedding, ...NamedEmbedding[]]) {
  const isClear = new Set([first, ...others].map(({ path }) => nameOf(path))).size === others.length + 1;
  const named = ({ path, embedding }: NamedEmbedding) => ({ name: isClear ? nameOf(path) : path, embedding });
  return [named(first), ...others.map(named)] as const;
}

/** The figures of every map. */
export function figuresOf({ embeddings, maps, purities }: Drawn): MapFigures[] {
  return maps.map(({ quality }, i) => ({
    embedding: embeddings[i]?.path ?? '',
    trustworthiness: quality.trustworthiness,
    continuity: quality.continuity,
    recall: quality.recall,
    klDivergence: quality.klDivergence ?? null,
    graphRecall: quality.graphRecall ?? null,
    purity: purities[i]?.purity ?? null,
    planePurity: purities[i]?.planePurity ?? null,
    chance: purities[i]?.chance ?? null,
  }));
}

/** The figures as a table for people. */
export function describeFigures(figures: readonly MapFigures[], attribute: string): string {
  const rows: [string, (figure: MapFigures) => number | null, string][] = [
    [
      'trustworthiness',
      ({ trustworthiness }) => trustworthiness,
      'neighbors in the picture are neighbors in the space',
    ],
    ['continuity', ({ continuity }) => continuity, 'neighbors in the space are neighbors in the picture'],
    ['recall', ({ recall }) => recall, 'of the 15 nearest, kept by the picture'],
    ['graph recall', ({ graphRecall }) => graphRecall, 'of the neighbors that t-SNE works with, found'],
    ['purity@10', ({ purity }) => purity, `of the nearest in the space that share ${printable(attribute)}`],
    ['in the map', ({ planePurity: share }) => share, 'the same of the nearest in the picture'],
    ['chance', ({ chance }) => chance, 'what random neighbors would give'],
  ];
  const shown = rows.filter(([, value]) => figures.some((figure) => value(figure) !== null));
  const heads = figures.length === 1 ? [''] : figures.map(({ embedding }) => printable(nameOf(embedding)));
  return indent(
    formatTable(
      [{ title: '' }, ...heads.map((title) => ({ title, align: 'right' as const })), { title: '' }],
      shown.map(([name, value, meaning]) => [name, ...figures.map((figure) => formatFigure(value(figure))), meaning]),
    ),
  );
}
