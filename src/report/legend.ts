/** The legend of a map: values with their counts, or the color bar of a continuous scale. */
import { entryColors, type Coloring, type NumberColoring, type ValueColoring } from '../maps/coloring.js';
import { textWidth } from './font.js';
import type { Box } from '../maps/fit.js';
import { countText, decimal, escapeMarkup, oneLine, shorten } from './markup.js';
import { scaleColor, type Theme } from '../maps/palette.js';

/** Draws the legend into its box, as SVG elements. */
export function drawLegend(coloring: Coloring, theme: Theme, box: Box): string {
  const name = escapeMarkup(shorten(oneLine(coloring.attribute), 26));
  const place = `x="${box.left}" y="${box.top + 16}"`;
  const heading = `<text ${place} font-size="17" font-weight="700" fill="${theme.ink}">${name}</text>`;
  const body = coloring.kind === 'values' ? valueRows(coloring, theme, box) : colorBar(coloring, theme, box);
  return [heading, ...body].join('\n');
}

function valueRows(coloring: ValueColoring, theme: Theme, { left, top, width, height }: Box): string[] {
  const { entries } = coloring;
  const step = Math.min(32, (height - 40) / entries.length);
  const size = Math.min(16, step * 0.58);
  const colors = entryColors(coloring, theme);
  return entries.map(({ label, count }, i) => {
    const y = top + 40 + (i + 0.5) * step;
    const baseline = decimal(y + size * 0.36);
    const number = countText(count);
    const room = width - 28 - textWidth(number, size, 'regular') - 12;
    let text = oneLine(label);
    for (let most = 40; most > 3 && textWidth(text, size, 'regular') > room; most--)
      text = shorten(oneLine(label), most);
    return [
      `<circle cx="${left + 8}" cy="${decimal(y)}" r="7" fill="${colors[i] ?? theme.other}"/>`,
      `<text x="${left + 28}" y="${baseline}" font-size="${decimal(size)}" fill="${theme.ink}">${escapeMarkup(text)}</text>`,
      `<text x="${left + width}" y="${baseline}" font-size="${decimal(size)}" fill="${theme.muted}" ` +
        `text-anchor="end">${number}</text>`,
    ].join('');
  });
}

function colorBar(coloring: NumberColoring, theme: Theme, { left, top }: Box): string[] {
  const [barTop, barHeight, barWidth] = [top + 44, 420, 26];
  const stops = Array.from(
    { length: 17 },
    (_, i) => `<stop offset="${i / 16}" stop-color="${scaleColor(1 - i / 16)}"/>`,
  );
  const ticks = scaleTicks(coloring).map(({ share, text }) => {
    const y = barTop + barHeight * (1 - share);
    return (
      `<path d="M${left + barWidth} ${y}h7" stroke="${theme.muted}"/><text x="${left + barWidth + 14}" ` +
      `y="${y + 5.5}" font-size="16" fill="${theme.ink}">${escapeMarkup(text)}</text>`
    );
  });
  const missing =
    coloring.missing === 0
      ? []
      : [
          `<circle cx="${left + 8}" cy="${barTop + barHeight + 40}" r="7" fill="${theme.missing}"/><text ` +
            `x="${left + 28}" y="${barTop + barHeight + 45.5}" font-size="16" fill="${theme.ink}">no value ` +
            `<tspan fill="${theme.muted}">${countText(coloring.missing)}</tspan></text>`,
        ];
  return [
    `<defs><linearGradient id="scale" x1="0" y1="0" x2="0" y2="1">${stops.join('')}</linearGradient></defs>`,
    `<rect x="${left}" y="${barTop}" width="${barWidth}" height="${barHeight}" rx="4" fill="url(#scale)"/>`,
    ...ticks,
    ...missing,
  ];
}

/** Numbers beside the scale, from its least end to its greatest. */
export function scaleTicks(coloring: NumberColoring): { readonly share: number; readonly text: string }[] {
  return [0, 0.25, 0.5, 0.75, 1].map((share) => ({ share, text: tickText(coloring, share) }));
}

/** The number at a place of the scale; the ends stand for everything beyond them. */
function tickText({ low, high, isLog }: NumberColoring, share: number): string {
  const value = isLog ? low * (high / low) ** share : low + (high - low) * share;
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  const decimals = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3;
  const text = value.toLocaleString('en-US', { maximumFractionDigits: isLog && value < 10 ? 1 : decimals });
  const signed = text.replace('-', '−');
  return share === 0 ? `≤ ${signed}` : share === 1 ? `≥ ${signed}` : signed;
}
