/** Learning curves: a measure of several models over the share of the labels, as SVG. */
import { fontFamily } from './font.js';
import { escapeMarkup } from './markup.js';
import { themes, type Theme, type ThemeName } from '../maps/palette.js';
import { checkCall, objectWith } from '../step.js';

/** One model's curve. */
export interface Curve {
  readonly name: string;
  /** a CSS color; else one of the theme's, in order */
  readonly color?: string | undefined;
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
  /** stands above the curves, and is the picture's name for screen readers */
  readonly title: string;
  readonly measure: string;
  readonly curves: readonly Curve[];
  /** a level that nothing can pass, drawn as a dashed line */
  readonly best?: { readonly name: string; readonly value: number } | undefined;
  readonly theme?: ThemeName | undefined;
  /** CSS colors of page, text and lines in place of the theme's, as for a picture within a page that has its own */
  readonly colors?: Partial<Pick<Theme, 'page' | 'ink' | 'muted' | 'line'>> | undefined;
  /** width in pixels, default 960; below 500 letters are smaller */
  readonly width?: number | undefined;
  /** height in pixels, default 540 */
  readonly height?: number | undefined;
  /** whether the title is drawn; default true. A page may have a heading of its own */
  readonly isTitled?: boolean | undefined;
}

const isCurve = (value: unknown): value is { readonly points: unknown } => objectWith('', ['name', 'points']).is(value);
const aFigure = {
  what: 'a figure { title, measure, curves: [{ name, points: [{ share, value, low, high }] }] }',
  is: (value: unknown) => {
    const named = objectWith('', ['title', 'measure', 'curves']).is(value);
    const curves: unknown = named ? Object(value).curves : undefined;
    return (
      Array.isArray(curves) &&
      curves.length > 0 &&
      curves.every((curve) => isCurve(curve) && Array.isArray(curve.points) && curve.points.length > 0)
    );
  },
};

/**
 * Draws curves over a logarithmic axis of shares, names beside their ends, intervals as thin bars.
 *
 * Where several curves have a point at one share, their bars stand side by side, three pixels apart.
 *
 * @returns an SVG document
 * @throws InputError where the figure lacks its title, its measure or its curves
 */
export function drawLearningCurves(figure: CurveFigure): string {
  checkCall('drawLearningCurves(figure)', { figure: [figure, aFigure] });
  const { title, measure, curves, best, theme = 'light', width = 960, height = 540, isTitled = true } = figure;
  const { page, ink, muted, line, values: colors } = { ...themes[theme], ...figure.colors };
  const scales = scalesOf(figure, { width, height, isTitled });
  const { plot, size, x, y } = scales;
  const text = (at: { x: number; y: number }, content: string, rest = ''): string =>
    `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}" ${rest}>${escapeMarkup(content)}</text>`;
  const colorOf = (i: number): string => escapeMarkup(curves[i]?.color ?? colors[i % colors.length] ?? ink);
  const ticks = niceTicks(scales.least, scales.most).flatMap((value) => [
    `<path d="M${plot.left} ${y(value).toFixed(1)}H${plot.right.toFixed(1)}" stroke="${line}"/>`,
    text({ x: plot.left - 10, y: y(value) + 5 }, String(value), `text-anchor="end" fill="${muted}"`),
  ]);
  const bottom = scales.shares.map((share) =>
    text(
      { x: x(share), y: plot.bottom + 24 },
      `${+(share * 100).toPrecision(3)} %`,
      `text-anchor="middle" fill="${muted}"`,
    ),
  );
  const drawn = curves.map(({ points }, i) => drawCurve(points, { scales, color: colorOf(i), i }));
  const labels = placeLabels(curves, scales).map(({ name, from, at, i }) =>
    text({ x: plot.right + 24, y: at + 5 }, name, `fill="${ink}"`).concat(
      `<path d="M${(plot.right - 12).toFixed(1)} ${from.toFixed(1)}L${(plot.right + 16).toFixed(1)} ` +
        `${at.toFixed(1)}" stroke="${line}"/>`,
      `<circle cx="${(plot.right + 16).toFixed(1)}" cy="${at.toFixed(1)}" r="4" fill="${colorOf(i)}"/>`,
    ),
  );
  const limit =
    best === undefined
      ? []
      : [
          `<path d="M${plot.left} ${y(best.value).toFixed(1)}H${plot.right.toFixed(1)}" stroke="${ink}" ` +
            'stroke-dasharray="6 5"/>',
          text({ x: plot.left + 8, y: y(best.value) - 7 }, best.name, `fill="${ink}"`),
        ];
  const middle = { x: (plot.left + plot.right) / 2, y: plot.bottom + 50 };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `font-family="${escapeMarkup(fontFamily)}" font-size="${size}" role="img" aria-label="${escapeMarkup(title)}">`,
    `<rect width="${width}" height="${height}" fill="${page}"/>`,
    ...(isTitled ? [text({ x: plot.left, y: 34 }, title, `fill="${ink}" font-size="20" font-weight="700"`)] : []),
    ...ticks,
    ...bottom,
    text(middle, 'share of the labels', `text-anchor="middle" fill="${muted}"`),
    text({ x: isTitled ? plot.left : 0, y: plot.top - 10 }, measure, `fill="${muted}"`),
    ...limit,
    ...labels,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

type Scales = ReturnType<typeof scalesOf>;

/** Where shares and values stand. The room on the right is for the longest name. */
function scalesOf(
  { curves, best }: CurveFigure,
  { width, height, isTitled }: { width: number; height: number; isTitled: boolean },
) {
  const size = width < 500 ? 13 : 15;
  const longest = Math.max(...curves.map(({ name }) => name.length));
  const right = width - 28 - Math.min(longest * size * 0.56, width / 3);
  const plot = { left: isTitled ? 76 : 44, right, top: isTitled ? 68 : 28, bottom: height - 64 };
  const points = curves.flatMap((curve) => curve.points);
  const levels = [...points.flatMap(({ low, high }) => [low, high]), ...(best === undefined ? [] : [best.value])];
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  const room = Math.max((most - least) * 0.06, 1e-6);
  const shares = [...new Set(points.map(({ share }) => share))].sort((a, b) => a - b);
  const [first = 0.01, last = 1] = [shares[0], shares.at(-1)];
  const x = (share: number): number =>
    first === last
      ? (plot.left + plot.right) / 2
      : plot.left + 24 + ((plot.right - plot.left - 48) * Math.log(share / first)) / Math.log(last / first);
  const y = (value: number): number =>
    plot.bottom - ((value - least + room) / (most - least + 2 * room)) * (plot.bottom - plot.top);
  return { size, plot, least, most, shares, x, y, count: curves.length };
}

function drawCurve(points: Curve['points'], { scales, color, i }: { scales: Scales; color: string; i: number }) {
  const x = (share: number): string => (scales.x(share) + (i - (scales.count - 1) / 2) * 3).toFixed(1);
  const y = (value: number): string => scales.y(value).toFixed(1);
  const path = points.map(({ share, value }, p) => `${p === 0 ? 'M' : 'L'}${x(share)} ${y(value)}`);
  const bars = points.map(({ share, low, high }) => `M${x(share)} ${y(low)}V${y(high)}`);
  const dots = points.map(({ share, value }) => `<circle cx="${x(share)}" cy="${y(value)}" r="4"/>`);
  return (
    `<g fill="${color}"><path d="${path.join('')}" fill="none" stroke="${color}" stroke-width="2.5"/><path ` +
    `d="${bars.join('')}" stroke="${color}" stroke-width="1.2"/>${dots.join('')}</g>`
  );
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
function placeLabels(curves: readonly Curve[], { plot, size, y }: Scales) {
  const wanted = curves
    .map(({ name, points }, i) => ({ name, i, from: y(points.at(-1)?.value ?? 0) }))
    .toSorted((a, b) => a.from - b.from);
  let above = plot.top - 20;
  const placed = wanted.map((label) => {
    above = Math.max(label.from, above + size + 5);
    return { ...label, at: above };
  });
  const over = Math.max(0, above - plot.bottom);
  return placed.map((label) => ({ ...label, at: label.at - over }));
}
