/** The font of our pictures: Inter (SIL Open Font License 1.1), its files and the widths of its characters. */
import { readFileSync } from 'node:fs';
import { resolveOptional } from '../files/optional-package.js';

/** What pages ask for: Inter where it is installed, what the system has elsewhere. */
export const fontFamily = `Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif`;

const fontPackage = '@expo-google-fonts/inter';
const resolve = (file: string): string => resolveOptional(fontPackage, file, 'drawing pictures');

/** Paths of the font files: regular and bold. */
export function fontFiles(): { readonly regular: string; readonly bold: string } {
  return { regular: resolve('400Regular/Inter_400Regular.ttf'), bold: resolve('700Bold/Inter_700Bold.ttf') };
}

/** Widths of a font's characters, in units of its size. */
interface FontMetrics {
  readonly widthOf: (codePoint: number) => number | undefined;
}

const loaded = new Map<string, FontMetrics>();

/**
 * Width of a line of text in bold, in the unit of `size`; characters that the font lacks count as one square.
 *
 * Kerning is left out: it moves a line by a percent or two.
 */
export function textWidth(text: string, size: number, weight: 'regular' | 'bold' = 'bold'): number {
  const { widthOf } = metricsOf(weight);
  return size * Array.from(text).reduce((sum, character) => sum + (widthOf(character.codePointAt(0) ?? 0) ?? 1), 0);
}

/** Whether the font has every character of a text. */
export function isCovered(text: string): boolean {
  const { widthOf } = metricsOf('regular');
  return Array.from(text).every((character) => widthOf(character.codePointAt(0) ?? 0) !== undefined);
}

function metricsOf(weight: 'regular' | 'bold'): FontMetrics {
  const known = loaded.get(weight) ?? readMetrics(readFileSync(fontFiles()[weight]));
  loaded.set(weight, known);
  return known;
}

/** Reads the tables head, hhea, hmtx and cmap of a TrueType file (OpenType specification 1.9). */
function readMetrics(file: Uint8Array): FontMetrics {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const tables = new Map<string, number>();
  for (let i = 0; i < view.getUint16(4); i++) {
    const entry = 12 + i * 16;
    tables.set(String.fromCharCode(...file.subarray(entry, entry + 4)), view.getUint32(entry + 8));
  }
  const unitsPerEm = view.getUint16((tables.get('head') ?? 0) + 18);
  const measured = view.getUint16((tables.get('hhea') ?? 0) + 34);
  const widths = tables.get('hmtx') ?? 0;
  const glyphOf = readGlyphs(view, tables.get('cmap') ?? 0);
  return {
    widthOf(codePoint) {
      const glyph = glyphOf.get(codePoint);
      return glyph === undefined ? undefined : view.getUint16(widths + Math.min(glyph, measured - 1) * 4) / unitsPerEm;
    },
  };
}

/** Code point → glyph, from the subtable of format 12, or 4 where there is none. */
function readGlyphs(view: DataView, cmap: number): ReadonlyMap<number, number> {
  const subtables = Array.from(
    { length: view.getUint16(cmap + 2) },
    (_, i) => cmap + view.getUint32(cmap + 4 + i * 8 + 4),
  );
  const full = subtables.find((at) => view.getUint16(at) === 12);
  if (full !== undefined) return readGroups(view, full);
  const basic = subtables.find((at) => view.getUint16(at) === 4);
  return basic === undefined ? new Map() : readSegments(view, basic);
}

function readGroups(view: DataView, at: number): ReadonlyMap<number, number> {
  const glyphs = new Map<number, number>();
  for (let i = 0; i < view.getUint32(at + 12); i++) {
    const group = at + 16 + i * 12;
    const [first, last, glyph] = [view.getUint32(group), view.getUint32(group + 4), view.getUint32(group + 8)];
    for (let code = first; code <= last; code++) glyphs.set(code, glyph + code - first);
  }
  return glyphs;
}

function readSegments(view: DataView, at: number): ReadonlyMap<number, number> {
  const glyphs = new Map<number, number>();
  const doubled = view.getUint16(at + 6);
  for (let i = 0; i < doubled; i += 2) {
    const last = view.getUint16(at + 14 + i);
    const first = view.getUint16(at + 16 + doubled + i);
    const delta = view.getUint16(at + 16 + 2 * doubled + i);
    const rangeAt = at + 16 + 3 * doubled + i;
    const range = view.getUint16(rangeAt);
    for (let code = first; code <= last && code < 0xffff; code++) {
      const listed = range === 0 ? code : view.getUint16(rangeAt + range + 2 * (code - first));
      if (listed !== 0) glyphs.set(code, (listed + delta) & 0xffff);
    }
  }
  return glyphs;
}
