/** What the page's script is given: every category, its place, its attributes and its neighbors, as compact JSON. */
import type { Attribute } from '../embedding/attribute.js';
import type { Embedding } from '../embedding/embedding.js';
import { scalePlace, type Coloring } from '../maps/coloring.js';
import { scaleTicks } from './legend.js';
import { fitPoints } from '../maps/fit.js';
import { placePanelLabels } from './map-panel.js';
import type { NearestLists } from './nearest-lists.js';
import { valueText } from '../maps/number-text.js';
import { scaleColor, themes } from '../maps/palette.js';
import { pointRule } from '../maps/point-size.js';

/** One map of a page. */
export interface PageMap {
  readonly name: string;
  /** shape [V, 2] */
  readonly coordinates: Float32Array;
  /** left out where the page shows maps alone */
  readonly lists?: NearestLists | undefined;
}

/** The box in which maps are laid out, in the page and in its pictures. */
export const mapSize = { width: 1000, height: 720 };

/** Places are stored in 64ths of that box's unit. */
const placeSteps = 64;
/** Numbers are drawn in so many colors; the byte 255 stands for a missing one. */
const scaleSteps = 64;
const missingStep = 255;

const box = { left: 20, top: 20, width: mapSize.width - 40, height: mapSize.height - 40 };
const labelSize = 17;

/** The page's data as a plain value, columns packed as base64 of little-endian numbers. */
export function pageData(
  { vocabulary, attributes }: Pick<Embedding, 'vocabulary' | 'attributes'>,
  maps: readonly PageMap[],
  colorings: readonly Coloring[],
  first = 0,
) {
  return {
    keys: vocabulary.keys,
    counts: Array.from(vocabulary.counts),
    attributes: Array.from(attributes, ([name, values]) => describeAttribute(name, values)),
    first,
    colorings: colorings.map((coloring) => describeColoring(coloring, maps)),
    maps: maps.map(describeMap),
    size: mapSize,
    point: pointRule,
    placeSteps,
    missingStep,
    scale: Array.from({ length: scaleSteps }, (_, i) => scaleColor(i / (scaleSteps - 1))),
    themes,
  };
}

function describeAttribute(name: string, values: Attribute) {
  const texts = values.map((value) => (value === null ? '' : valueText(value)));
  const distinct = [...new Set(texts)];
  const codeOf = new Map(distinct.map((text, code) => [text, code]));
  return { name, values: distinct, codes: pack(Uint32Array.from(texts, (text) => codeOf.get(text) ?? 0)) };
}

function describeColoring(coloring: Coloring, maps: readonly PageMap[]) {
  const labels = maps.map(({ coordinates }) =>
    placePanelLabels(coordinates, { box, coloring, labels: 12, labelSize }).map(({ label, x, y, to }) =>
      [label, x, y, ...(to ?? [])].map((part) => (typeof part === 'number' ? Math.round(part) : part)),
    ),
  );
  const { attribute, kind } = coloring;
  if (coloring.kind === 'values') {
    return { attribute, kind, entries: coloring.entries, codes: pack(coloring.codes), ticks: [], labels };
  }
  const codes = Uint8Array.from(coloring.values, (value) => {
    const place = scalePlace(coloring, value);
    return Number.isNaN(place) ? missingStep : Math.round(Math.min(1, Math.max(0, place)) * (scaleSteps - 1));
  });
  const missing =
    coloring.missing === 0 ? [] : [{ label: 'no value', count: coloring.missing, kind: 'missing' as const }];
  return {
    attribute,
    kind,
    entries: missing,
    codes: pack(codes),
    ticks: scaleTicks(coloring).map(({ text }) => text),
    labels,
  };
}

function describeMap({ name, coordinates, lists }: PageMap) {
  return {
    name,
    k: lists?.k ?? 0,
    points: pack(Uint16Array.from(fitPoints(coordinates, box), (place) => Math.round(place * placeSteps))),
    neighbors: pack(Uint32Array.from(lists?.rows ?? [])),
    // In thousandths, rounded as they are printed everywhere else.
    // in hundredths, rounded down, so that nothing looks surer than it is; 255 where it was not measured
    confidences: pack(
      Uint8Array.from(lists?.confidences ?? [], (value) => (Number.isNaN(value) ? 255 : Math.floor(value * 100))),
    ),
    // from where chance gives one neighbor to each category, in thousandths
    chances: pack(Int16Array.from(lists?.chances ?? [], (value) => Math.round(value * 1000))),
    similarities: pack(
      Int16Array.from(lists?.similarities ?? [], (value) => Math.round(Number(value.toFixed(3)) * 1000)),
    ),
  };
}

function pack({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array | Int16Array | Uint32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
