/** The data that a report's page carries, what is shown of it, and how elements are made. */

/**
 * @typedef {{ attribute: string, kind: 'values' | 'numbers', entries: { label: string, count: number, kind: string }[],
 *   codes: string, ticks: string[], labels: [string, number, number, number?, number?][][] }} Coloring
 */
/**
 * @typedef {{ name: string, k: number, points: string, neighbors: string, similarities: string, confidences: string,
 *   chances: string }} MapData
 */
/**
 * @typedef {{ page: string, panel: string, ink: string, muted: string, values: string[], other: string, missing: string
 *   }} Theme
 */
/**
 * @typedef {{ first: number, keys: string[], counts: number[], attributes: { name: string, values: string[], codes:
 *   string }[], colorings: Coloring[], maps: MapData[], size: { width: number, height: number }, point: { share: number,
 *   least: number, most: number, mostEnlarged: number }, placeSteps: number, missingStep: number, scale: string[],
 *   themes: { light: Theme, dark: Theme } }} Data
 */

/** What the page carries. @type {Data} */
export const data = JSON.parse(element('data', HTMLScriptElement).text);
/** Names and clicks of the categories, and the box that places refer to. */
export const { keys, counts, size } = data;
/** Attributes with the number of each category's value. */
export const attributes = data.attributes.map(({ name, values, codes }) => ({
  name,
  values,
  codes: new Uint32Array(unpack(codes)),
}));
/** Whether the system asks for a dark page. */
export const darkness = matchMedia('(prefers-color-scheme: dark)');
/** Names as they are searched. */
export const lowered = keys.map((key) => key.toLowerCase());

/** What is shown: coloring, chosen category, category under the pointer; −1 for none. */
export const state = { coloring: 0, chosen: -1, hovered: -1 };
/**
 * @template Kind
 * @param {string} id
 * @param {abstract new (...words: never[]) => Kind} kind
 * @returns {Kind}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page lacks ${id}`);
}

/**
 * @param {string} base64
 * @returns {ArrayBuffer}
 */
export function unpack(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}

/**
 * An element with a class and text; text is never read as markup.
 *
 * @param {string} tag
 * @param {string} text
 * @param {string} className
 */
export function make(tag, text = '', className = '') {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}

/** @param {number} value */
export function grouped(value) {
  return value.toLocaleString('en-US');
}

/** @param {string} key */
export function oneLine(key) {
  const line = key.replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  return line === '' ? '(empty)' : line;
}
