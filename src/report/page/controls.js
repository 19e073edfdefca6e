/** What a reader of a report's page can do: color, search, zoom, point at and choose; every control by keyboard too. */
import { maps, placeOf, pointRadius, redraw, scaleOf, takeColoring } from './canvas.js';
import {
  attributes,
  counts,
  darkness,
  data,
  element,
  grouped,
  keys,
  lowered,
  make,
  oneLine,
  size,
  state,
} from './model.js';

/** @typedef {import('./canvas.js').PageMap} PageMap */

for (const part of document.querySelectorAll('.live')) part.removeAttribute('hidden');
for (const part of document.querySelectorAll('.still')) part.setAttribute('hidden', '');

// Color.

const colorBox = element('color', HTMLSelectElement);
const legend = element('legend', HTMLElement);

colorBox.addEventListener('change', showColoring);

function showColoring() {
  state.coloring = Math.max(0, colorBox.selectedIndex);
  takeColoring();
  const coloring = data.colorings[state.coloring];
  const entries = (coloring?.entries ?? []).map(({ label, count, kind }, i) => {
    const item = make('li');
    const swatch = make('span', '', `swatch ${kind === 'value' ? `value-${i}` : kind}`);
    item.append(swatch, make('span', oneLine(label), 'label'), make('span', grouped(count), 'count'));
    return item;
  });
  const parts = [];
  if (coloring?.kind === 'numbers') {
    const bar = make('li', '', 'bar');
    bar.append(...coloring.ticks.map((tick) => make('span', tick)));
    parts.push(bar);
  }
  legend.replaceChildren(...parts, ...entries);
  redraw();
}

// Search.

const findBox = element('find', HTMLInputElement);
const foundList = element('found', HTMLElement);
/** @type {{ rows: number[], at: number }} */
let found = { rows: [], at: 0 };

/** Names that begin with the text, then those that hold it; most frequent first, twelve at most. @param {string} text */
function search(text) {
  const wanted = text.trim().toLowerCase();
  /** @type {number[]} */
  const holding = [];
  /** @type {number[]} */
  const beginning = [];
  if (wanted === '') return [];
  for (let row = 0; row < lowered.length && beginning.length < 12; row++) {
    const at = lowered[row]?.indexOf(wanted) ?? -1;
    if (at === 0) beginning.push(row);
    else if (at > 0 && holding.length < 12) holding.push(row);
  }
  const exact = lowered.indexOf(wanted);
  const rows = [...(exact < 0 ? [] : [exact]), ...beginning.filter((row) => row !== exact), ...holding];
  return rows.slice(0, 12);
}

function showFound() {
  const isOpen = found.rows.length > 0;
  foundList.hidden = !isOpen;
  findBox.setAttribute('aria-expanded', String(isOpen));
  foundList.replaceChildren(
    ...found.rows.map((row, i) => {
      const option = make('li', oneLine(keys[row] ?? ''));
      option.id = `found-${i}`;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', String(i === found.at));
      option.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        take(i);
      });
      return option;
    }),
  );
  if (isOpen) findBox.setAttribute('aria-activedescendant', `found-${found.at}`);
  else findBox.removeAttribute('aria-activedescendant');
}

/** @param {number} i */
function take(i) {
  const row = found.rows[i];
  if (row === undefined) return;
  findBox.value = keys[row] ?? '';
  found = { rows: [], at: 0 };
  showFound();
  choose(row);
}

findBox.addEventListener('input', () => {
  found = { rows: search(findBox.value), at: 0 };
  showFound();
});
findBox.addEventListener('blur', () => {
  found = { rows: [], at: 0 };
  showFound();
});
findBox.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === 'Enter') take(found.at);
  if (event.key === 'Escape') found = { rows: [], at: 0 };
  if (step !== undefined && found.rows.length > 0) {
    found = { ...found, at: (found.at + step + found.rows.length) % found.rows.length };
    event.preventDefault();
  }
  if (event.key !== 'Enter') showFound();
});

// Choice.

/** Shows a category and its neighbors. @param {number} row */
function choose(row) {
  state.chosen = row;
  showAnswer();
  redraw();
}

/** A button that chooses a category. @param {number} row */
function chooser(row) {
  const button = make('button', oneLine(keys[row] ?? ''), 'link');
  button.setAttribute('type', 'button');
  button.addEventListener('click', () => choose(row));
  return button;
}

/** The attributes of a category, `language: de`. @param {number} row */
function describe(row) {
  const known = attributes.flatMap(({ name, values, codes }) => {
    const value = values[codes[row] ?? 0] ?? '';
    return value === '' ? [] : [`${name}: ${oneLine(value)}`];
  });
  return [`${grouped(counts[row] ?? 0)} clicks`, ...known].join(' · ');
}

/** The values of a category in one line, numbers with their names: `de · shoes · budget 314.67`. @param {number} row */
function valuesOf(row) {
  return attributes
    .flatMap(({ name, values, codes }) => {
      const value = oneLine(values[codes[row] ?? 0] ?? '');
      if (value === '') return [];
      return [Number.isFinite(Number(value.replaceAll('−', '-'))) ? `${name}\u00a0${value}` : value];
    })
    .join(' · ');
}

/** @param {PageMap} map @param {number} row */
function neighborsOf({ neighbors, k }, row) {
  return neighbors.subarray(row * k, (row + 1) * k);
}

function showAnswer() {
  const answer = document.getElementById('answer');
  const row = state.chosen;
  if (answer === null) return;
  const shared = new Set(
    maps.length < 2
      ? []
      : maps.map((map) => [...neighborsOf(map, row)]).reduce((a, b) => a.filter((other) => b.includes(other))),
  );
  const heading = make('h3', oneLine(keys[row] ?? ''));
  const common = maps.length < 2 ? '' : ` · ${shared.size} of ${maps[0]?.k ?? 0} neighbors in both`;
  const tables = make('div', '', 'tables');
  tables.append(...maps.map((map) => neighborTable(map, row, shared)));
  answer.replaceChildren(heading, make('p', describe(row) + common, 'soft'), tables);
}

/** A confidence in hundredths. @param {number | undefined} hundredths */
function sureText(hundredths = 255) {
  return hundredths === 255 ? '–' : (hundredths / 100).toFixed(2);
}

/** A similarity. @param {number} thousandths */
function figure(thousandths) {
  return (thousandths / 1000).toFixed(3).replace('-', '−');
}

/** From where chance gives one neighbor. @param {number} thousandths */
function chanceRow(thousandths) {
  const line = make('tr', '', 'chance');
  const name = make('th', 'one this near by chance');
  name.setAttribute('scope', 'row');
  const rest = make('td');
  rest.setAttribute('colspan', '2');
  line.append(name, make('td', figure(thousandths), 'number'), rest);
  return line;
}

/** @param {PageMap} map @param {number} row @param {ReadonlySet<number>} shared */
function neighborTable(map, row, shared) {
  const table = make('table');
  table.append(make('caption', `Nearest in ${map.name}`));
  const head = make('tr');
  const isSure = map.chances.length > 0;
  const titles = ['category', 'similarity', ...(isSure ? ['confidence'] : []), 'clicks'];
  for (const title of titles) {
    const cell = make('th', oneLine(title), titles.indexOf(title) > 0 ? 'number' : '');
    cell.setAttribute('scope', 'col');
    head.append(cell);
  }
  const top = make('thead');
  top.append(head);
  const body = make('tbody');
  const chance = map.chances[row] ?? 0;
  const similarities = map.similarities.subarray(row * map.k, (row + 1) * map.k);
  neighborsOf(map, row).forEach((other, i) => {
    if (isSure && (similarities[i] ?? 0) <= chance && (i === 0 || (similarities[i - 1] ?? 0) > chance))
      body.append(chanceRow(chance));
    const line = make('tr', '', shared.has(other) ? 'shared' : '');
    const name = make('th');
    name.setAttribute('scope', 'row');
    name.append(
      chooser(other),
      ...(shared.has(other) ? [make('span', ' in both', 'soft')] : []),
      make('span', valuesOf(other), 'facts'),
    );
    line.append(
      name,
      make('td', figure(similarities[i] ?? 0), 'number'),
      ...(isSure ? [make('td', sureText(map.confidences[row * map.k + i]), 'number')] : []),
      make('td', grouped(counts[other] ?? 0), 'number'),
    );
    body.append(line);
  });
  if (isSure && (similarities.at(-1) ?? 0) > chance) body.append(chanceRow(chance));
  table.append(top, body);
  const frame = make('div', '', 'wide');
  frame.append(table);
  return frame;
}

for (const name of document.querySelectorAll('[data-row]')) {
  const button = chooser(Number(name.getAttribute('data-row')));
  button.addEventListener('click', () => document.getElementById('map')?.scrollIntoView());
  name.replaceWith(button);
}

// Pointing and zooming.

const tip = element('tip', HTMLElement);

/**
 * The category nearest to a place of the canvas, within its disc and a little more; −1 for none.
 *
 * @param {PageMap} map
 * @param {number} x
 * @param {number} y
 */
function rowAt(map, x, y) {
  let best = -1;
  let least = (pointRadius(map) + 6) ** 2;
  for (let row = 0; row < keys.length; row++) {
    const [left, top] = placeOf(map, row);
    const far = (left - x) ** 2 + (top - y) ** 2;
    if (far < least) [best, least] = [row, far];
  }
  return best;
}

/** @param {PageMap} map @param {number} row @param {number} x @param {number} y */
function point(map, row, x, y) {
  if (row !== state.hovered) {
    state.hovered = row;
    tip.replaceChildren(make('strong', oneLine(keys[row] ?? '')), make('span', row < 0 ? '' : describe(row)));
    redraw();
  }
  tip.hidden = row < 0;
  const area = map.canvas.getBoundingClientRect();
  const left = Math.min(area.left + x + 14, document.documentElement.clientWidth - tip.offsetWidth - 8);
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${area.top + y + 18}px`;
}

/** Zooms about a place of the canvas. @param {PageMap} map @param {number} factor @param {number} x @param {number} y */
function zoom(map, factor, x, y) {
  const { view, canvas } = map;
  const zoomed = Math.min(200, Math.max(1, view.zoom * factor));
  const [across, down] = [x - canvas.clientWidth / 2, y - canvas.clientHeight / 2];
  const before = scaleOf(map);
  view.zoom = zoomed;
  const after = scaleOf(map);
  move(map, across / before - across / after, down / before - down / after);
}

/**
 * Moves what is seen, in units of the box; all of it is seen when nothing is enlarged.
 *
 * @param {PageMap} map
 * @param {number} x
 * @param {number} y
 */
function move({ view, canvas }, x, y) {
  const isWhole = view.zoom === 1;
  view.x = isWhole ? size.width / 2 : Math.min(size.width, Math.max(0, view.x + x));
  view.y = isWhole ? size.height / 2 : Math.min(size.height, Math.max(0, view.y + y));
  // At rest a finger scrolls the page over the map; enlarged, it moves the map.
  canvas.classList.toggle('enlarged', !isWhole);
  redraw();
}

/** @param {PageMap} map @param {string} key @returns {boolean} whether the key meant something */
function press(map, key) {
  const { view, canvas } = map;
  const [x, y] = [canvas.clientWidth / 2, canvas.clientHeight / 2];
  const step = 60 / scaleOf(map);
  if (key === '+' || key === '=') zoom(map, 1.5, x, y);
  else if (key === '-') zoom(map, 1 / 1.5, x, y);
  else if (key === '0') zoom(map, 1 / view.zoom, x, y);
  else if (key === 'ArrowLeft') move(map, -step, 0);
  else if (key === 'ArrowRight') move(map, step, 0);
  else if (key === 'ArrowUp') move(map, 0, -step);
  else if (key === 'ArrowDown') move(map, 0, step);
  else return false;
  return true;
}

/** @param {PageMap} map */
function listen(map) {
  const { canvas } = map;
  /** @type {{ x: number, y: number, moved: number } | undefined} */
  let drag;
  canvas.addEventListener('pointerdown', ({ offsetX: x, offsetY: y, pointerId }) => {
    canvas.setPointerCapture(pointerId);
    drag = { x, y, moved: 0 };
  });
  canvas.addEventListener('pointermove', ({ offsetX: x, offsetY: y }) => {
    if (drag === undefined) return point(map, rowAt(map, x, y), x, y);
    const scale = scaleOf(map);
    move(map, (drag.x - x) / scale, (drag.y - y) / scale);
    drag = { x, y, moved: drag.moved + Math.abs(drag.x - x) + Math.abs(drag.y - y) };
  });
  canvas.addEventListener('pointerup', ({ offsetX: x, offsetY: y }) => {
    const row = drag !== undefined && drag.moved < 5 ? rowAt(map, x, y) : -1;
    drag = undefined;
    if (row >= 0) choose(row);
  });
  canvas.addEventListener('pointercancel', () => (drag = undefined));
  canvas.addEventListener('pointerleave', () => point(map, -1, 0, 0));
  canvas.addEventListener('wheel', (event) => {
    // A plain wheel scrolls the page past a map that has not been entered.
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) return;
    event.preventDefault();
    zoom(map, 1.0015 ** -event.deltaY, event.offsetX, event.offsetY);
  });
  canvas.addEventListener('keydown', (event) => {
    if (!event.ctrlKey && !event.metaKey && press(map, event.key)) event.preventDefault();
  });
  for (const button of document.querySelectorAll(`[data-map="${map.index}"]`)) {
    button.addEventListener('click', () => press(map, button.getAttribute('data-key') ?? ''));
  }
}

maps.forEach(listen);
darkness.addEventListener('change', redraw);
new ResizeObserver(redraw).observe(element('maps', HTMLElement));
showColoring();
if (document.getElementById('answer') !== null) choose(data.first);
