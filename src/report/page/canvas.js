/** The maps of a report's page: canvases that are drawn anew at each change. */
import { darkness, data, element, keys, oneLine, size, state, unpack } from './model.js';

/** Points of a color are drawn in so many turns with the others, so that no group covers another. */
const passes = 6;
/** @type {{ codes: Uint8Array, order: Int32Array }} */
let colors = { codes: new Uint8Array(), order: new Int32Array() };

/** The maps, each with its canvas, its numbers and what of it is seen. */
export const maps = data.maps.map((map, index) => {
  const canvas = element(`canvas-${index}`, HTMLCanvasElement);
  return {
    ...map,
    index,
    canvas,
    points: new Uint16Array(unpack(map.points)),
    neighbors: new Uint32Array(unpack(map.neighbors)),
    similarities: new Int16Array(unpack(map.similarities)),
    /** in hundredths, 255 where not measured; empty where no chance was measured */
    confidences: new Uint8Array(unpack(map.confidences)),
    chances: new Int16Array(unpack(map.chances)),
    /** what of the box is seen: zoom, and the box's point in the middle */
    view: { zoom: 1, x: size.width / 2, y: size.height / 2 },
  };
});
/** @typedef {(typeof maps)[number]} PageMap */
/** @typedef {import('./model.js').Theme} Theme */

/** Pixels to a unit of the box. @param {PageMap} map */
export function scaleOf({ canvas, view }) {
  return Math.min(canvas.clientWidth / size.width, canvas.clientHeight / size.height) * view.zoom;
}

/**
 * Where a place of the box stands on the canvas, in pixels.
 *
 * @param {PageMap} map
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]}
 */
function onCanvas(map, x, y) {
  const scale = scaleOf(map);
  return [
    map.canvas.clientWidth / 2 + (x - map.view.x) * scale,
    map.canvas.clientHeight / 2 + (y - map.view.y) * scale,
  ];
}

/** Where a category stands on its canvas. @param {PageMap} map @param {number} row */
export function placeOf(map, row) {
  return onCanvas(map, (map.points[row * 2] ?? 0) / data.placeSteps, (map.points[row * 2 + 1] ?? 0) / data.placeSteps);
}

/** @param {number} row @param {Theme} theme */
function colorOf(row, theme) {
  const code = colors.codes[row] ?? 0;
  const coloring = data.colorings[state.coloring];
  if (coloring?.kind === 'numbers')
    return code === data.missingStep ? theme.missing : (data.scale[code] ?? theme.other);
  const kind = coloring?.entries[code]?.kind;
  return kind === 'missing' ? theme.missing : kind === 'other' ? theme.other : (theme.values[code] ?? theme.other);
}

/** Decides in which order points are drawn: those without a color of their own below, the others turn by turn. */
export function takeColoring() {
  const coloring = data.colorings[state.coloring];
  const codes = new Uint8Array(unpack(coloring?.codes ?? ''));
  const isBelow = (/** @type {number} */ code) =>
    coloring?.kind === 'numbers' ? code === data.missingStep : coloring?.entries[code]?.kind !== 'value';
  const rank = Float64Array.from(codes, (code, row) => (isBelow(code) ? 0 : 1 + (row % passes)) * 256 + code);
  const order = Int32Array.from(keys, (_, row) => row).sort((a, b) => (rank[a] ?? 0) - (rank[b] ?? 0) || a - b);
  colors = { codes, order };
}

/** @param {PageMap} map */
function draw(map) {
  const { canvas } = map;
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  const theme = darkness.matches ? data.themes.dark : data.themes.light;
  context.scale(ratio, ratio);
  context.fillStyle = theme.panel;
  context.fillRect(0, 0, width, height);
  const radius = pointRadius(map);
  drawPoints(context, map, theme, radius);
  drawLabels(context, map, theme);
  drawChoice(context, map, theme, radius);
}

/** As `pointRadius` of `src/maps/point-size.ts`, whose rule the page carries. @param {PageMap} map */
export function pointRadius({ canvas, view }) {
  const { share, least, most, mostEnlarged } = data.point;
  const side = Math.min(canvas.clientWidth, canvas.clientHeight);
  const natural = (share * side) / Math.sqrt(Math.max(1, keys.length));
  return Math.min(mostEnlarged, Math.min(most, Math.max(least, natural)) * Math.sqrt(Math.max(1, view.zoom)));
}

/** @param {CanvasRenderingContext2D} context @param {PageMap} map @param {Theme} theme @param {number} radius */
function drawPoints(context, map, theme, radius) {
  context.globalAlpha = 0.85;
  let last = '';
  for (const row of colors.order) {
    const [x, y] = placeOf(map, row);
    if (x < -9 || y < -9 || x > map.canvas.clientWidth + 9 || y > map.canvas.clientHeight + 9) continue;
    const color = colorOf(row, theme);
    if (color !== last) {
      if (last !== '') context.fill();
      context.beginPath();
      context.fillStyle = last = color;
    }
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  if (last !== '') context.fill();
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {PageMap} map @param {Theme} theme */
function drawLabels(context, map, theme) {
  const labels = data.colorings[state.coloring]?.labels[map.index] ?? [];
  context.font = `700 ${map.canvas.clientWidth < 480 ? 12 : 15}px Inter, system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const chosen = boxOfChosen(context, map);
  for (const [label, x, y, toX, toY] of labels) {
    const place = besideButtons(context, map, label, onCanvas(map, x, y));
    if (chosen !== undefined && isOver(boxOf(context, label, place), chosen)) continue;
    if (toX !== undefined && toY !== undefined) drawLine(context, theme, place, onCanvas(map, toX, toY));
    writeText(context, theme, label, place);
  }
}

/**
 * From a label to what it names.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Theme} theme
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
function drawLine(context, theme, from, to) {
  context.strokeStyle = context.fillStyle = theme.ink;
  context.lineWidth = 1.2;
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.beginPath();
  context.arc(to[0], to[1], 2.5, 0, 2 * Math.PI);
  context.fill();
}

/** @typedef {{ left: number, right: number, top: number, bottom: number }} TextBox */

/** @param {CanvasRenderingContext2D} context @param {string} text @param {[number, number]} place @returns {TextBox} */
function boxOf(context, text, [x, y]) {
  const half = context.measureText(text).width / 2;
  return { left: x - half, right: x + half, top: y - 9, bottom: y + 9 };
}

/**
 * Moves a label left where the zoom buttons would cover it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {PageMap} map
 * @param {string} label
 * @param {[number, number]} place
 * @returns {[number, number]}
 */
function besideButtons(context, { canvas }, label, [x, y]) {
  const buttons = canvas.nextElementSibling;
  if (!(buttons instanceof HTMLElement)) return [x, y];
  const { offsetLeft: left, offsetTop: top, offsetHeight: height } = buttons;
  const box = boxOf(context, label, [x, y]);
  const isCovered = box.right > left && box.top < top + height && box.bottom > top;
  return [isCovered ? x - (box.right - left) - 4 : x, y];
}

/** @param {TextBox} a @param {TextBox} b */
function isOver(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/**
 * Where the name of the chosen category stands; names of groups give way to it.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {PageMap} map
 */
function boxOfChosen(context, map) {
  return state.chosen < 0 ? undefined : boxOf(context, chosenName(), placeOfChosenName(context, map));
}

function chosenName() {
  return Array.from(oneLine(keys[state.chosen] ?? '').slice(0, 80))
    .slice(0, 40)
    .join('');
}

/**
 * Above its ring, below where there is no room above, and not beyond the sides while its point is seen.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {PageMap} map
 * @returns {[number, number]}
 */
function placeOfChosenName(context, map) {
  const { clientWidth: width } = map.canvas;
  const [x, y] = placeOf(map, state.chosen);
  const away = pointRadius(map) + 16;
  const half = Math.min(width / 2, context.measureText(chosenName()).width / 2 + 4);
  const inside = x < 0 || x > width ? x : Math.min(width - half, Math.max(half, x));
  return [inside, y > 0 && y - away < 10 ? y + away : y - away];
}

/** @param {CanvasRenderingContext2D} context @param {Theme} theme @param {string} text @param {[number, number]} place */
function writeText(context, theme, text, [x, y]) {
  context.lineJoin = 'round';
  context.lineWidth = 5;
  context.strokeStyle = theme.panel;
  context.fillStyle = theme.ink;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/**
 * Rings around the chosen category, its neighbors and the one under the pointer.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {PageMap} map
 * @param {Theme} theme
 * @param {number} radius
 */
function drawChoice(context, map, theme, radius) {
  const ring = (/** @type {number} */ row, /** @type {number} */ beyond, /** @type {number} */ width) => {
    const [x, y] = placeOf(map, row);
    context.beginPath();
    context.arc(x, y, radius + beyond, 0, 2 * Math.PI);
    context.strokeStyle = theme.ink;
    context.lineWidth = width;
    context.stroke();
  };
  const { chosen, hovered } = state;
  if (chosen >= 0) {
    for (const row of map.neighbors.subarray(chosen * map.k, (chosen + 1) * map.k)) ring(row, 2, 1.5);
    ring(chosen, 5, 2.5);
    writeText(context, theme, chosenName(), placeOfChosenName(context, map));
  }
  if (hovered >= 0 && hovered !== chosen) ring(hovered, 3, 2);
}

function drawAll() {
  maps.forEach(draw);
}

/** Waits for the next frame, so that many causes draw once. */
export function redraw() {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    drawAll();
  });
}
let isWaiting = false;
