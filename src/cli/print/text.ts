/** Words and tables for people: aligned columns, grouped digits, shares, durations. */

import type { Figure } from '../../numerics/bootstrap.js';
import { withThousands } from '../../numerics/thousands.js';

/** A table's column: its heading and on which side its cells stand. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/**
 * Lays rows out in aligned columns, two blanks apart; headings are left out if all are empty.
 *
 * @returns lines without a newline at the end
 */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const hasTitles = columns.some(({ title }) => title !== '');
  const widest = hasTitles ? widestCell : widestPair;
  const cells = (hasTitles ? [columns.map(({ title }) => title), ...rows] : rows).map((line) =>
    line.map((cell) => shortened(cell, widest)),
  );
  return layOut(columns, cells);
}

/** Cells of a table with headings, and of one without, are cut to these widths; `--json` holds keys whole. */
const widestCell = 64;
const widestPair = 400;

/** A text of at most that many columns of a terminal, with an ellipsis where it was longer. */
export function shortened(text: string, columns: number): string {
  if (text.length <= columns / 2) return text;
  if (eachOneWide.test(text)) return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
  const looked = text.slice(0, 8 * columns);
  let width = 0;
  let fits = 0;
  for (const { segment, index } of segmenter().segment(looked)) {
    width += widthOf(segment);
    if (width < columns) fits = index + segment.length;
    if (width > columns) return `${text.slice(0, fits)}…`;
  }
  // what is narrow and long, as letters under a heap of marks, is cut where we stopped looking
  return looked === text ? text : `${text.slice(0, fits).replace(/[\ud800-\udbff]$/, '')}…`;
}

function layOut(columns: readonly Column[], lines: readonly (readonly string[])[]): string {
  const widths = columns.map((_, i) =>
    lines.reduce((widest, cells) => Math.max(widest, displayWidth(cells[i] ?? '')), 0),
  );
  return lines
    .map((cells) =>
      columns
        .map(({ align = 'left' }, i) => {
          const cell = cells[i] ?? '';
          const padding = ' '.repeat((widths[i] ?? 0) - displayWidth(cell));
          return align === 'left' ? cell + padding : padding + cell;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A name and a value on each line, values aligned. */
export function formatPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  return formatTable([{ title: '' }, { title: '' }], pairs);
}

/** Moves every line to the right. */
export function indent(text: string, blanks = 2): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(blanks));
}

/** A whole number with grouped digits: 1,234,567. */
export function formatCount(value: number): string {
  return withThousands(Math.round(value));
}

/** A number of things: `1 category`, `1,234 categories`. */
export function countOf(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${Math.round(value) === 1 ? singular : plural}`;
}

/** A large number in three figures: 950, 12.3 k, 4.56 M, 1.20 G. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value)) return '–';
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (Math.abs(value) >= size * 0.9995) return `${(value / size).toPrecision(3)} ${unit}`;
  }
  return String(Math.round(value));
}

/** A share in percent: 12.3 %; small ones keep a figure that says something. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  return `${percent !== 0 && Math.abs(percent) < 0.1 ? percent.toPrecision(1) : percent.toFixed(1)} %`;
}

/** A duration: 0.42 s, 12.3 s, 4 min 05 s, 2 h 07 min. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A size in bytes: 512 B, 1.5 MiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power] ?? ''}`;
}

/** A figure with a fixed number of decimals; `–` where there is none. */
export function formatFigure(value: number | null | undefined, decimals = 3): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  // A negative number that rounds to zero is shown without its sign.
  return Math.abs(value) < 1e6 ? value.toFixed(decimals).replace(/^-(?=[0.]+$)/, '') : value.toExponential(decimals);
}

/** A difference with its sign and its interval: `+0.012 (−0.001 to +0.025)`. */
export function formatDifference({ value, low, high }: Figure, decimals = 3): string {
  const sign = (figure: number) => `${figure < 0 ? '−' : '+'}${formatFigure(Math.abs(figure), decimals)}`;
  return `${sign(value)} (${sign(low)} to ${sign(high)})`;
}

/** A figure with its interval in brackets; `–` where there is none. */
export function formatInterval(figure: Figure | null): string {
  if (figure === null) return '–';
  return `${formatFigure(figure.value)} [${formatFigure(figure.low)}, ${formatFigure(figure.high)}]`;
}

/** A confidence with two decimals, rounded down, so that nothing looks surer than it is. */
export function formatConfidence(confidence: number | undefined): string {
  return formatFigure(confidence === undefined ? undefined : Math.floor(confidence * 100) / 100, 2);
}

/** A key as one line of text: line breaks, tabs and other control characters (which could steer a terminal) are escaped. */
export function printable(key: string): string {
  return key.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
    if (short !== undefined) return short;
    // Joiners hold emoji together; everything else of this kind is invisible or reorders the line.
    if (character === '\u200d') return character;
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** A word as a shell takes it: quoted where it must be; what could steer a terminal is escaped, as bash and zsh read it. */
export function shellWord(word: string): string {
  if (/^[\w./:@%+,-][\w./:@%+=,-]*$/.test(word)) return word;
  if (printable(word) !== word) {
    const escaped = word.replace(/[\\']/g, '\\$&').replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16);
      return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
    });
    return `$'${escaped}'`;
  }
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : `"${word}"`;
}

/** Latin letters and the signs that our own texts have, each of which is one column wide whatever stands beside it. */
const eachOneWide = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2013-\u2026\u2212]*$/;

let known: Intl.Segmenter | undefined;

/** Made when a text first needs it: it takes 10 ms. */
function segmenter(): Intl.Segmenter {
  return (known ??= new Intl.Segmenter('en', { granularity: 'grapheme' }));
}

/** Columns of a terminal that a text takes: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  if (eachOneWide.test(text)) return text.length;
  let width = 0;
  // the segmenter takes a time that grows with the square of the text
  for (let at = 0; at < text.length; at += segmentedAtOnce) {
    for (const { segment } of segmenter().segment(text.slice(at, at + segmentedAtOnce))) width += widthOf(segment);
  }
  return width;
}

const segmentedAtOnce = 1024;

function widthOf(grapheme: string): number {
  return isWide(grapheme) ? 2 : 1;
}

function isWide(grapheme: string): boolean {
  if (/\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u.test(grapheme)) return true;
  return /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u.test(
    grapheme,
  );
}
