/** Tables and names as HTML; every text goes through `escapeMarkup`. */
import { escapeMarkup, oneLine, shorten } from './markup.js';

/** A table's column: its heading, and on which side its cells stand. */
export interface HtmlColumn {
  readonly title: string;
  readonly isNumber?: boolean;
}

/**
 * A table that scrolls in itself where the page is narrow; the first cell of each row is its heading.
 *
 * @param caption - plain text
 * @param rows - cells as HTML
 */
export function htmlTable(
  caption: string,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly string[])[],
): string {
  const classOf = (i: number) => (columns[i]?.isNumber === true ? ' class="number"' : '');
  const head = columns.map(({ title }, i) => `<th scope="col"${classOf(i)}>${visible(title)}</th>`).join('');
  const body = rows.map(([first = '', ...others]) => {
    const cells = others.map((cell, i) => `<td${classOf(i + 1)}>${cell}</td>`).join('');
    return `<tr><th scope="row">${first}</th>${cells}</tr>`;
  });
  return `<div class="wide" tabindex="0" role="group" aria-label="${visible(caption)}">
<table><caption>${visible(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody></table></div>`;
}

/** A text as one visible line of HTML; a number and its % stay together where the line breaks. */
export function visible(text: string, most = 200): string {
  const line = oneLine(text).replace(/(?<=\d) (?=%)/g, '\u00a0');
  return escapeMarkup(shorten(line === '' ? '(empty)' : line, most));
}

/** A category's name, which the page's script turns into a button that shows it in the map. */
export function categoryName(keys: readonly string[], row: number): string {
  return `<span data-row="${row}">${visible(keys[row] ?? '')}</span>`;
}

/** A share as a bar with a tick where chance stands, and in words. */
export function shareBar(share: number, chance?: number): string {
  const tick =
    chance === undefined ? '' : `<rect class="tick" x="${(chance * 100).toFixed(1)}" y="0" width="1.5" height="14"/>`;
  return (
    '<svg class="share" viewBox="0 0 101.5 14" aria-hidden="true"><rect class="ground" y="3" width="100" ' +
    `height="8"/><rect class="fill" y="3" width="${(share * 100).toFixed(1)}" height="8"/>${tick}</svg>`
  );
}

/** A number with so many decimals and a true minus; `–` where there is none. */
export function figure(value: number | undefined, decimals = 3): string {
  if (value === undefined || !Number.isFinite(value)) return '–';
  return value.toFixed(decimals).replace('-', '−');
}
