/** A comparison of two embeddings as one page: figures, bands, movers. No script, no network. */
import type { EmbeddingComparison } from '../lifecycle/compare-embeddings.js';
import { figure, htmlTable, visible } from './html.js';
import { countText, percentText } from './markup.js';
import { pageStyle } from './page-style.js';

/** Movers beyond this many stay out of the page; the JSON holds all. */
const mostMovers = 200;

const relations = {
  same: 'the same version',
  aligned: 'one: vectors may be mixed',
  foreign: 'two: vectors must not be mixed',
} as const;

/**
 * Renders a comparison as HTML that opens from disk. The same comparison gives the same text.
 *
 * @param names - how the older and the newer embedding are called
 */
export function renderComparison(comparison: EmbeddingComparison, names: readonly [string, string]): string {
  const stayed = percentText(comparison.overlap.value);
  const title = `From ${names[0]} to ${names[1]}, ${stayed} of the 10 nearest neighbors stayed`;
  const sections = [figuresTable(comparison), bandsTable(comparison), moversTable(comparison)];
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${visible(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${visible(title)}</h1>
<p class="soft">Two versions of an embedding, compared by category2vec.</p>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function figuresTable(comparison: EmbeddingComparison): string {
  const { residual, overlap, beyondFloor, twinOverlap, purity } = comparison;
  const interval = ({ value, low, high }: { value: number; low: number; high: number }) =>
    `${figure(value)} (${figure(low)} to ${figure(high)})`;
  const rows = [
    ['categories in both', countText(comparison.categories)],
    ['appeared', countText(comparison.appeared)],
    ['vanished', countText(comparison.vanished)],
    ['spaces of the two', relations[comparison.relation]],
    ['residual of held-out categories', interval(residual)],
    ['neighbors that stayed', interval(overlap)],
    ['neighbors that stay by chance alone', figure(twinOverlap ?? undefined)],
    ['share beyond the noise floor, 0.010 by chance', beyondFloor === null ? '–' : interval(beyondFloor)],
    ...purity.map(({ attribute, before, after }) => [
      `purity by ${visible(attribute)}`,
      `${figure(before)} then, ${figure(after)} now`,
    ]),
  ];
  const heads = [{ title: 'figure' }, { title: 'value', isNumber: true }];
  return `<h2>Figures</h2>\n${htmlTable('95 % intervals in brackets', heads, rows)}`;
}

function bandsTable({ bands }: EmbeddingComparison): string {
  const columns = ['clicks', 'categories', 'moved', 'noise floor', 'beyond', 'neighbors that stayed'];
  const rows = bands.map(({ from, to, categories, moved, floor, beyond, overlap }) => [
    `${countText(Math.round(from))} to ${countText(Math.round(to))}`,
    countText(categories),
    figure(moved),
    figure(floor ?? undefined),
    beyond === null ? '–' : percentText(beyond),
    percentText(overlap),
  ]);
  const heads = columns.map((name, i) => ({ title: name, isNumber: i > 0 }));
  return `<h2>By frequency</h2>\n${htmlTable('Movement by frequency', heads, rows)}`;
}

function moversTable({ movers, beyondFloor }: EmbeddingComparison): string {
  const what = beyondFloor === null ? 'Moved farthest; without a floor some of it is chance' : 'Moved beyond chance';
  if (movers.length === 0) return `<h2>Movers</h2>\n<p>No category moved more than chance explains.</p>`;
  const heads = ['category', 'clicks then', 'now', 'moved', 'floor', 'stayed'].map((name, i) => ({
    title: name,
    isNumber: i > 0,
  }));
  const named = (keys: readonly string[]) =>
    keys
      .slice(0, 5)
      .map((key) => visible(key, 40))
      .join(', ');
  const rows = movers
    .slice(0, mostMovers)
    .map(({ category, countBefore, countAfter, moved, floor, overlap, before, after }) => [
      visible(category),
      countText(countBefore),
      countText(countAfter),
      figure(moved),
      figure(floor ?? undefined),
      percentText(overlap),
      named(before),
      named(after),
    ]);
  const columns = [...heads, { title: 'nearest then' }, { title: 'nearest now' }];
  const rest =
    movers.length > mostMovers ? `<p class="soft">The first ${mostMovers} of ${countText(movers.length)}.</p>` : '';
  return `<h2>Movers</h2>\n${htmlTable(what, columns, rows)}${rest}`;
}
