/** What `map` and `report` say about a map: names, its quality, and purity against chance. */
import { basename, extname } from 'node:path';
import type { MeasuredMap } from '../../report/render-map.js';
import type { NamedEmbedding } from '../flags/map-flags.js';
import { formatFigure, formatTable, indent, printable } from './text.js';

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
export function figuresOf(
  embeddings: readonly NamedEmbedding[],
  { maps, purities }: Pick<MeasuredMap, 'maps' | 'purities'>,
): MapFigures[] {
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
