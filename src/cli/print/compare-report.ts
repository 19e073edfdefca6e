/** What `compare` says to people. */
import type { EmbeddingComparison, Mover } from '../../lifecycle/compare-embeddings.js';
import type { Figure } from '../../numerics/bootstrap.js';
import {
  countOf,
  formatCount,
  formatFigure,
  formatPairs,
  formatShare,
  formatTable,
  indent,
  printable,
} from './text.js';

/** How the comparison is called in print. */
export interface ComparedPaths {
  readonly older: string;
  readonly newer: string;
  readonly out: string | undefined;
  /** movers to print */
  readonly most: number;
}

/** The comparison for people. */
export function describeComparison(
  comparison: EmbeddingComparison,
  { older, newer, out, most }: ComparedPaths,
): string {
  const { categories, appeared, vanished, bands } = comparison;
  const parts = [
    `${printable(older)} → ${printable(newer)}: ${countOf(categories, 'category', 'categories')} in both, ` +
      `${formatCount(appeared)} appeared, ${formatCount(vanished)} vanished`,
    indent(formatPairs(figuresOf(comparison))),
    indent(bandTable(bands)),
    describeMovers(comparison, most),
    ...(out === undefined ? [] : [`${printable(out)}: the same as a page; open it in a browser`]),
  ];
  return parts.join('\n\n');
}

const relations = {
  same: 'the same version',
  aligned: 'of one chain: numbers may be mixed',
  foreign: 'foreign: numbers mean nothing beside each other; train with --align-to',
} as const;

function figuresOf(comparison: EmbeddingComparison): [string, string][] {
  const { relation, residual, overlap, twinOverlap, beyondFloor, twins, purity } = comparison;
  const interval = ({ value, low, high }: Figure) =>
    `${formatFigure(value)} (${formatFigure(low)} to ${formatFigure(high)})`;
  const floor = { seed: 'twins: two seeds', sample: 'twins: disjoint samples', contexts: 'periods by chance' };
  return [
    ['spaces', relations[relation]],
    ['residual', `${interval(residual)}: 1 − cosine of held-out categories after the turn`],
    [
      'overlap@10',
      `${interval(overlap)}${twinOverlap === null ? '' : `; chance alone leaves ${formatFigure(twinOverlap)}`}`,
    ],
    [
      'beyond floor',
      beyondFloor === null
        ? 'not known: --log or --twin gives a noise floor'
        : `${interval(beyondFloor)}; 0.010 by chance (${twins === null ? 'twins given' : floor[twins]})`,
    ],
    ...purity.map(({ attribute, before, after }): [string, string] => [
      'purity@10',
      `${printable(attribute)} ${formatFigure(before)} then, ${formatFigure(after)} now`,
    ]),
  ];
}

function bandTable(bands: EmbeddingComparison['bands']): string {
  const heads = ['clicks', 'categories', 'moved', 'noise floor', 'beyond', 'overlap@10'];
  return formatTable(
    heads.map((title) => ({ title, align: 'right' as const })),
    bands.map(({ from, to, categories, moved, floor, beyond, overlap }) => [
      `${formatCount(Math.round(from))} to ${formatCount(Math.round(to))}`,
      formatCount(categories),
      formatFigure(moved),
      floor === null ? '–' : formatFigure(floor),
      beyond === null ? '–' : formatShare(beyond),
      formatFigure(overlap),
    ]),
  );
}

function describeMovers({ movers, beyondFloor }: EmbeddingComparison, most: number): string {
  if (movers.length === 0) return 'No category moved more than chance explains.';
  const shown = movers.slice(0, most);
  const what =
    beyondFloor === null
      ? `The ${shown.length} that moved farthest, by chance or not; --movers shows more:`
      : `${countOf(movers.length, 'category', 'categories')} moved more than chance explains:`;
  const lines = shown.map((mover) => indent(describeMover(mover)));
  const rest = movers.length - shown.length;
  return [
    what,
    ...lines,
    ...(rest > 0 ? [`  … and ${formatCount(rest)} more: --movers ${movers.length} or --json shows all`] : []),
  ].join('\n');
}

/** Two lines: how far it moved, and which of its ten nearest it lost and gained. */
function describeMover({ category, countBefore, countAfter, moved, floor, overlap, before, after }: Mover): string {
  const without = (keys: readonly string[], others: readonly string[]) => {
    const named = keys.filter((key) => !others.includes(key)).map(printable);
    return named.length === 0 ? 'none' : `${named.slice(0, 4).join(', ')}${named.length > 4 ? ', …' : ''}`;
  };
  const beside = floor === null ? '' : `, floor ${formatFigure(floor)}`;
  return [
    `${printable(category)}  moved ${formatFigure(moved)}${beside}, overlap ${formatFigure(overlap, 1)}, ` +
      `clicks ${formatCount(countBefore)} → ${formatCount(countAfter)}`,
    `  lost ${without(before, after)}; gained ${without(after, before)}`,
  ].join('\n');
}
