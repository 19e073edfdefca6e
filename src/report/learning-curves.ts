/** Learning curves: a measure of several models over the share of the labels, as SVG. */
import { fontFamily } from './font.js';
import { escapeMarkup } from './markup.js';
import { themes, type ThemeName } from '../maps/palette.js';

/** One model's curve. */
export interface Curve {
  readonly name: string;
  /** ascending by `share`; the measure with its interval */
  readonly points: readonly {
    readonly share: number;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** What is drawn. */
export interface CurveFigure {
  readonly title: string;
  readonly measure: string;
  readonly curves: readonly Curve[];
  /** a level that nothing can pass, drawn as a dashed line */
  readonly best?: { readonly name: string; readonly value: number } | undefined;
  readonly theme?: ThemeName | undefined;
}

const width = 960;
const height = 540;
const plot = { left: 76, right: 720, top: 64, bottom: 470 };

/**
 * Draws curves over a logarithmic axis of shares, names beside their ends, intervals as thin bars.
 *
 * @returns an SVG document of 960 × 540
 */
export function drawLearningCurves({ title, measure, curves, best, theme = 'light' }: CurveFigure): string {
  const { page, ink, muted, line, values: colors } = themes[theme];
  const points = curves.flatMap((curve) => curve.points);
  const levels = [...points.flatMap(({ low, high }) => [low, high]), ...(best === undefined ? [] : [best.value])];
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  const room = Math.max((most - least) * 0.06, 1e-6);
  const shares = [...new Set(points.map(({ share }) => share))].sort((a, b) => a - b);
  const [first = 0.01, last = 1] = [shares[0], shares.at(-1)];
  const x = (share: number): number =>
    first === last
      ? (plot.left + plot.right) / 2
      : plot.left + 20 + ((plot.right - plot.left - 40) * Math.log(share / first)) / Math.log(last / first);
  const y = (value: number): number =>
    plot.bottom - ((value - least + room) / (most - least + 2 * room)) * (plot.bottom - plot.top);
  const text = (at: { x: number; y: number }, content: string, rest = ''): string =>
    `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}" ${rest}>${escapeMarkup(content)}</text>`;
  const ticks = niceTicks(least, most).flatMap((value) => [
    `<path d="M${plot.left} ${y(value).toFixed(1)}H${plot.right}" stroke="${line}"/>`,
    text({ x: plot.left - 10, y: y(value) + 5 }, String(value), `text-anchor="end" fill="${muted}"`),
  ]);
  const bottom = shares.map((share) =>
    text(
      { x: x(share), y: plot.bottom + 24 },
      `${+(share * 100).toPrecision(3)} %`,
      `text-anchor="middle" fill="${muted}"`,
    ),
  );
  const drawn = curves.map(({ points: own }, i) => {
    const color = colors[i % colors.length] ?? ink;
    const path = own.map(
      ({ share, value }, p) => `${p === 0 ? 'M' : 'L'}${x(share).toFixed(1)} ${y(value).toFixed(1)}`,
    );
    const bars = own.map(
      ({ share, low, high }) => `M${x(share).toFixed(1)} ${y(low).toFixed(1)}V${y(high).toFixed(1)}`,
    );
    const dots = own.map(
      ({ share, value }) => `<circle cx="${x(share).toFixed(1)}" cy="${y(value).toFixed(1)}" r="4"/>`,
    );
    return (
      `<g fill="${color}"><path d="${path.join('')}" fill="none" stroke="${color}" stroke-width="2.5"/><path ` +
      `d="${bars.join('')}" stroke="${color}" stroke-width="1.2"/>${dots.join('')}</g>`
    );
  });
  const labels = placeLabels(curves, y).map(({ name, at, i }) =>
    text({ x: plot.right + 14, y: at + 5 }, name, `fill="${ink}" style="paint-order:stroke"`).concat(
      `<circle cx="${plot.right + 6}" cy="${at.toFixed(1)}" r="4" fill="${colors[i % colors.length] ?? ink}"/>`,
    ),
  );
  const limit =
    best === undefined
      ? []
      : [
          `<path d="M${plot.left} ${y(best.value).toFixed(1)}H${plot.right}" stroke="${ink}" stroke-dasharray="6 5"/>`,
          text({ x: plot.left + 8, y: y(best.value) - 7 }, best.name, `fill="${ink}"`),
        ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
      `height="${height}" font-family="${escapeMarkup(fontFamily)}" font-size="15" role="img">`,
    `<rect width="${width}" height="${height}" fill="${page}"/>`,
    text({ x: plot.left, y: 34 }, title, `fill="${ink}" font-size="20" font-weight="700"`),
    ...ticks,
    ...bottom,
    text(
      { x: (plot.left + plot.right) / 2, y: plot.bottom + 52 },
      'share of the labels',
      `text-anchor="middle" fill="${muted}"`,
    ),
    text({ x: plot.left, y: plot.top - 8 }, measure, `fill="${muted}"`),
    ...limit,
    ...drawn,
    ...labels,
    '</svg>\n',
  ].join('\n');
}

/** Five or so round values between two. */
function niceTicks(least: number, most: number): number[] {
  const span = most - least || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => span / each <= 6) ?? 10 * power;
  const ticks = [];
  for (let i = Math.ceil(least / step); i * step <= most + step * 1e-9; i++) ticks.push(+(i * step).toPrecision(6));
  return ticks;
}

/** Names beside the ends of their curves, moved apart where ends are close. */
function placeLabels(curves: readonly Curve[], y: (value: number) => number) {
  const wanted = curves
    .map(({ name, points }, i) => ({ name, i, at: y(points.at(-1)?.value ?? 0) }))
    .toSorted((a, b) => a.at - b.at);
  let above = plot.top - 20;
  const placed = wanted.map((label) => {
    above = Math.max(label.at, above + 20);
    return { ...label, at: above };
  });
  const over = Math.max(0, above - plot.bottom);
  return placed.map((label) => ({ ...label, at: label.at - over }));
}
