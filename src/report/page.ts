/** The page: sections, maps as pictures, data and script, in one file that asks nothing of any network. */
import { createHash } from 'node:crypto';
import type { Embedding } from '../embedding/embedding.js';
import type { Coloring } from '../maps/coloring.js';
import { drawBareMap } from './draw-map.js';
import { visible } from './html.js';
import { countText, escapeJson, escapeMarkup, oneLine } from './markup.js';
import { mapSize, pageData, type PageMap } from './page-data.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';
import type { ThemeName } from '../maps/palette.js';
import type { Section } from './sections.js';

/** What stands on a page. */
export interface Page {
  readonly title: string;
  /** HTML below the title */
  readonly introduction: string;
  readonly embedding: Pick<Embedding, 'vocabulary' | 'attributes'>;
  readonly maps: readonly PageMap[];
  /** what the maps can be colored by, the first one at first; one or more */
  readonly colorings: readonly [Coloring, ...Coloring[]];
  readonly sections: readonly Section[];
  /** row of the category whose neighbors are shown first; default 0 */
  readonly first?: number | undefined;
}

/**
 * Renders a page that opens from disk: its policy allows its own script and style, by hash, and nothing else.
 *
 * Without JavaScript it is maps as pictures and tables. The same page gives the same text.
 */
export function renderPage({ title, introduction, embedding, maps, colorings, sections, first }: Page): string {
  const ours = `script-src ${hashOf(pageScript)}; style-src ${hashOf(pageStyle)}`;
  const policy = `default-src 'none'; ${ours}; base-uri 'none'; form-action 'none'`;
  const heading = visible(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${heading}</title>
<style>${pageStyle}</style>
</head>
<body>
<main class="${sections.length === 0 ? 'only' : maps.length === 1 ? 'one' : 'pair'}">
<h1>${heading}</h1>
${introduction}
${mapSection(maps, colorings)}
${sections
  .slice(0, 1)
  .map((section) => sectionOf(section))
  .join('')}
<div class="more">${inTwoColumns(sections.slice(1))}</div>
</main>
<div id="tip" role="status" hidden></div>
<script type="application/json" id="data">${escapeJson(pageData(embedding, maps, colorings, first))}</script>
<script type="module">${pageScript}</script>
</body>
</html>
`;
}

/** Each section goes to the column that is shorter so far, so that both end together; a narrow page has one. */
function inTwoColumns(sections: readonly Section[]): string {
  let ends = { left: 0, right: 0 };
  const placed = sections.map((section) => {
    if (section.isWide === true) {
      ends = { left: 0, right: 0 };
      return sectionOf(section);
    }
    const side = ends.right < ends.left ? 'right' : 'left';
    ends[side] += heightOf(section);
    return sectionOf(section, side);
  });
  return placed.join('\n');
}

/** About how high a section is, in pixels: its heading, lines of tables, and paragraphs. */
function heightOf({ body }: Section): number {
  const folded = body.replace(/<details[^]*?<\/details>/g, '<p>');
  const count = (tag: RegExp): number => folded.match(tag)?.length ?? 0;
  return 75 + 31 * count(/<tr\b/g) + 50 * count(/<caption\b/g) + 45 * count(/<p\b/g) + 20 * count(/class="facts"/g);
}

function sectionOf({ id, title, body }: Section, side = ''): string {
  const place = side === '' ? '' : ` class="${side}"`;
  const heading = `<h2 id="${id}-title">${visible(title)}</h2>`;
  return `<section id="${id}"${place} aria-labelledby="${id}-title">\n${heading}\n${body}\n</section>`;
}

function mapSection(maps: readonly PageMap[], colorings: readonly [Coloring, ...Coloring[]]): string {
  const canAsk = maps.some(({ lists }) => lists !== undefined);
  const choices = colorings.map(({ attribute }) => `<option>${visible(attribute)}</option>`);
  return `<section id="map" aria-labelledby="map-title">
<h2 id="map-title">${maps.length > 1 ? 'The maps' : 'The map'}</h2>
<div class="controls live" hidden>
<div><label for="color">Color by</label><select id="color">${choices.join('')}</select></div>
<div class="finder"><label for="find">Find a category</label><input id="find" type="text" role="combobox"
  aria-expanded="false" aria-controls="found" aria-autocomplete="list" autocomplete="off" spellcheck="false"><ul
  id="found" role="listbox" aria-label="Categories found" hidden></ul></div>
</div>
<div id="maps" class="maps${maps.length > 1 ? ' two' : ''}">
${maps.map((map, i) => mapFigure(map, i, { coloring: colorings[0], isAlone: maps.length === 1 })).join('\n')}
</div>
<ul id="legend" class="legend" aria-label="Legend">${legendItems(colorings[0])}</ul>
<p class="soft live" id="keys" hidden>${canAsk ? 'Click a point to see its neighbors. ' : ''}<span class="mouse">Drag to
move, zoom with Ctrl and the wheel; on the map arrow keys move, + and − zoom, 0 shows all.</span></p>
</section>`;
}

function mapFigure(
  { name, coordinates }: PageMap,
  i: number,
  { coloring, isAlone }: { readonly coloring: Coloring; readonly isAlone: boolean },
): string {
  const label = `Map of ${oneLine(name)}, ${countText(coordinates.length / 2)} points colored by ${oneLine(coloring.attribute)}`;
  const picture = (theme: ThemeName) => {
    const svg = drawBareMap({ coordinates }, coloring, { theme, size: mapSize, label });
    return `<div class="${theme}">${svg.replace('<svg ', `<svg class="picture" `)}</div>`;
  };
  const button = (key: string, sign: string, does: string) =>
    `<button type="button" data-map="${i}" data-key="${key}" ` +
    `aria-label="${does}${isAlone ? '' : ` of ${visible(name)}`}">${sign}</button>`;
  const buttons = [button('+', '+', 'Zoom in'), button('-', '−', 'Zoom out'), button('0', '⤢', 'Show all')];
  return `<figure>${isAlone ? '' : `<figcaption>${visible(name)}</figcaption>`}
<div class="still">${picture('light')}${picture('dark')}</div>
<div class="live stage" hidden><canvas id="canvas-${i}" tabindex="0" role="application" aria-roledescription="map"
  aria-label="${escapeMarkup(label)}" aria-describedby="keys"></canvas>
<div class="zoom">${buttons.join('')}</div></div></figure>`;
}

function legendItems(coloring: Coloring): string {
  if (coloring.kind === 'numbers') return '';
  return coloring.entries
    .map(
      ({ label, count, kind }, i) =>
        `<li><span class="swatch ${kind === 'value' ? `value-${i}` : kind}"></span><span ` +
        `class="label">${visible(label)}</span><span class="count">${countText(count)}</span></li>`,
    )
    .join('');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
