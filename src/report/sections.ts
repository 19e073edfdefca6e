/** The sections of a report as HTML: figures, provenance, purity, suspects, frequency, differences. */
import { provenanceEntries } from '../embedding/provenance.js';
import type { Json } from '../embedding/embedding.js';
import { maxTimeText } from '../histories/time-span.js';
import { categoryName, figure, htmlTable, shareBar, visible } from './html.js';
import { madeInWords } from './made-in-words.js';
import { countText, percentText } from './markup.js';
import type { Measured, Measurements } from './measure.js';
import { tellingRows } from './telling.js';

/** Chapters of the page, in order: an id, a heading and the HTML below it. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: string;
}

/** Every section but the map. */
export function reportSections(measurements: Measurements): Section[] {
  const { attributes, parts, differences } = measurements;
  return [
    { id: 'figures', title: 'Figures', body: figureTable(measurements) },
    { id: 'neighbors', title: 'Neighbors', body: neighborSection(measurements) },
    ...(differences === undefined
      ? []
      : [{ id: 'differences', title: 'Where the two differ most', body: differenceSection(measurements) }]),
    ...attributes.map((attribute, i) => ({
      id: `purity-${i}`,
      title: `Purity by ${attribute}`,
      body: puritySection(parts, attribute),
    })),
    ...attributes.map((attribute, i) => ({
      id: `suspects-${i}`,
      title: `Suspicious categories by ${attribute}`,
      body: suspectSection(parts, attribute),
    })),
    { id: 'frequency', title: 'Frequency', body: frequencySection(parts) },
    { id: 'provenance', title: 'How it was made', body: provenanceSection(parts) },
  ];
}

/** Figures of each embedding side by side. */
function figureTable({ parts, attributes, differences }: Measurements): string {
  const row = (name: string, value: (part: Measured) => string, meaning: string) => [
    name,
    ...parts.map(value),
    visible(meaning),
  ];
  const rows = [
    row('categories', ({ embedding }) => countText(embedding.vocabulary.size), 'that have a vector'),
    row('dimension', ({ embedding }) => countText(embedding.dimension), 'numbers in each vector'),
    ...attributes.flatMap((attribute) => purityRows(parts, attribute)),
    row(
      'trustworthiness',
      ({ map }) => figure(map.quality.trustworthiness),
      'neighbors in the map are neighbors in the space',
    ),
    row('continuity', ({ map }) => figure(map.quality.continuity), 'neighbors in the space are neighbors in the map'),
    row(
      'recall',
      ({ map }) => figure(map.quality.recall),
      `of the ${parts[0].map.quality.k} nearest in the space, kept by the map`,
    ),
    ...(parts.every(({ map }) => (map.quality.graphRecall ?? 1) === 1)
      ? []
      : [
          row(
            'graph recall',
            ({ map }) => figure(map.quality.graphRecall ?? 1),
            'of the neighbors that t-SNE works with, found',
          ),
        ]),
  ];
  if (differences !== undefined) {
    const shared = percentText(differences.shared);
    rows.push(
      row(
        'shared',
        () => shared,
        `of the ${parts[0].lists.k} nearest neighbors are the same in both, against ${percentText(differences.chance)} by chance`,
      ),
    );
  }
  const columns = parts.map(({ name }) => ({ title: parts.length === 1 ? 'value' : name, isNumber: true }));
  return htmlTable('The vectors and the map', [{ title: 'figure' }, ...columns, { title: 'meaning' }], rows);
}

function purityRows(parts: Measurements['parts'], attribute: string): string[][] {
  const judged = parts.map(({ judgments }) => judgments.get(attribute));
  const k = judged[0]?.space.k ?? 0;
  return [
    [
      `${visible(attribute)}: purity@${k}`,
      ...judged.map((judgment) => percentText(judgment?.space.purity ?? NaN)),
      visible(
        `of the nearest neighbors share the ${attribute}, against ` +
          `${percentText(judged[0]?.space.chance ?? NaN)} by chance and ` +
          `${percentText(judged[0]?.space.ceiling ?? NaN)} at best`,
      ),
    ],
    [
      `${visible(attribute)}: purity@${k} in the map`,
      ...judged.map((judgment) => percentText(judgment?.plane.purity ?? NaN)),
      visible(`of the nearest points in the map share the ${attribute}`),
    ],
  ];
}

/** Rows whose neighbors tell most in the first embedding, by its first attribute. */
export function tellingOf(
  { parts: [{ embedding, lists }], attributes: [attribute = ''] }: Measurements,
  most: number,
): number[] {
  return tellingRows(lists, embedding.attributes.get(attribute), most);
}

/** A few categories stand as tables of their own for readers without JavaScript. */
function neighborSection(measurements: Measurements): string {
  const { parts } = measurements;
  const [{ embedding, lists }] = parts;
  const { keys } = embedding.vocabulary;
  const rows = tellingOf(measurements, 5).map((row) => [
    visible(keys[row] ?? ''),
    ...parts.map((part) => neighborNames(part, row, lists.k)),
  ]);
  const columns = [{ title: 'category' }, ...parts.map(({ name }) => ({ title: `nearest in ${name}` }))];
  return `<div class="still"><p class="soft">Of ${rows.length} frequent categories whose neighbors tell most; with JavaScript, of any that is chosen.</p>
${htmlTable('Neighbors of frequent categories', columns, rows)}</div>
<div id="answer" class="live" aria-live="polite" hidden></div>`;
}

function neighborNames({ embedding, lists }: Measured, row: number, most: number): string {
  const { k } = lists;
  return Array.from(lists.rows.subarray(row * k, row * k + Math.min(k, most)))
    .map((other, i) => `${visible(embedding.vocabulary.keyOf(other))} ${figure(lists.similarities[row * k + i], 2)}`)
    .join(', ');
}

function differenceSection({ parts, differences }: Measurements): string {
  const [{ embedding, lists }] = parts;
  const { keys, counts } = embedding.vocabulary;
  const rows = (differences?.most ?? []).map(({ row, shared }) => [
    categoryName(keys, row),
    countText(counts[row] ?? 0),
    `${shared} of ${lists.k}`,
    ...parts.map((part) => neighborNames(part, row, 5)),
  ]);
  const columns = [
    { title: 'category' },
    { title: 'clicks', isNumber: true },
    { title: 'neighbors shared', isNumber: true },
    ...parts.map(({ name }) => ({ title: `nearest in ${name}` })),
  ];
  return htmlTable('Categories whose neighborhoods differ most', columns, rows);
}

function puritySection(parts: Measurements['parts'], attribute: string): string {
  const judged = parts.map(({ judgments }) => judgments.get(attribute));
  const [first] = judged;
  if (first === undefined) return '';
  const { k, labeled, note } = first.space;
  const others = judged
    .slice(1)
    .map((judgment) => new Map(judgment?.space.values.map((value) => [value.value, value])));
  const rows = first.space.values.map(({ value, count, purity, chance }) => [
    visible(value),
    countText(count),
    percentText(chance),
    ...[purity, ...others.map((values) => values.get(value)?.purity ?? NaN)].flatMap((share, i) => [
      `${shareBar(share, chance)} <span class="of">${percentText(share)}</span>`,
      percentText(judged[i]?.plane.values.get(value) ?? NaN),
    ]),
  ]);
  const columns = parts.flatMap(({ name }) => {
    const of = parts.length === 1 ? '' : ` of ${name}`;
    return [
      { title: `purity${of}`, isNumber: true },
      { title: `in the map${of}`, isNumber: true },
    ];
  });
  const warning = note === undefined ? '' : `<p class="warning">${visible(note)}</p>`;
  return `${warning}<p>Purity is the share of a category's ${k} nearest that have its value, over ${countText(labeled)} labeled categories; the tick in a bar is chance. “In the map” says the same of the nearest points.</p>
${htmlTable(`Purity per value of ${attribute}`, [{ title: attribute }, { title: 'categories', isNumber: true }, { title: 'chance', isNumber: true }, ...columns], rows)}`;
}

function suspectSection(parts: Measurements['parts'], attribute: string): string {
  return parts
    .map(({ name, embedding, judgments }) => {
      const { keys } = embedding.vocabulary;
      const rows = (judgments.get(attribute)?.space.suspects ?? []).map((suspect) => [
        categoryName(keys, embedding.vocabulary.rowOf(suspect.category) ?? 0),
        countText(suspect.count),
        visible(suspect.label),
        percentText(suspect.agreement),
        visible(suspect.neighborsSay),
        percentText(suspect.share),
      ]);
      if (rows.length === 0) return `<p>None in ${visible(name)}: no neighborhood agrees on another value.</p>`;
      const columns = [
        { title: 'category' },
        { title: 'clicks', isNumber: true },
        { title: `its ${attribute}` },
        { title: 'shared by', isNumber: true },
        { title: 'neighbors say' },
        { title: 'share', isNumber: true },
      ];
      return htmlTable(`Neighbors in ${name} agree on another ${attribute}`, columns, rows);
    })
    .join('\n');
}

function frequencySection(parts: Measurements['parts']): string {
  return parts
    .map(({ name, frequency, lists }) => {
      const rows = frequency.bands.map((band) => [
        band.minCount === band.maxCount
          ? countText(band.minCount)
          : `${countText(band.minCount)} to ${countText(band.maxCount)}`,
        countText(band.categories),
        figure(band.norm, 2),
        figure(band.nearest, 2),
        countText(band.neighborCount),
        figure(band.listed, 1),
      ]);
      const columns = [
        'categories',
        'mean length',
        'cosine of the nearest',
        'median clicks of neighbors',
        'lists it stands in',
      ];
      return `<p>${visible(name)}: rank correlation of clicks with the length of the vector ${figure(frequency.normCorrelation, 2)}, with the number of lists of neighbors that a category stands in ${figure(frequency.listedCorrelation, 2)} (that number is ${lists.k} on average).</p>
${htmlTable(`Tenths of the categories by clicks, in ${name}`, [{ title: 'clicks' }, ...columns.map((title) => ({ title, isNumber: true }))], rows)}`;
    })
    .join('\n');
}

function provenanceSection(parts: Measurements['parts']): string {
  return parts
    .map(({ name, embedding }) => {
      const { provenance } = embedding;
      const rows = provenanceEntries(provenance).flatMap(([top, value]) =>
        pairsOf(top, top === 'maxTime' ? (maxTimeText(provenance) ?? value) : value),
      );
      if (rows.length === 0) return `<p>${visible(name)} does not say how it was made.</p>`;
      const table = htmlTable(`How ${name} was made`, [{ title: 'name' }, { title: 'value' }], rows);
      const heading = parts.length === 1 ? '' : `<h3>${visible(name)}</h3>\n`;
      return (
        `${heading}<p>${visible(madeInWords(embedding), 500)}</p>\n<details><summary>The whole ` +
        `record</summary>\n${table}</details>`
      );
    })
    .join('\n');
}

function pairsOf(name: string, value: Json): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [[visible(name), visible(text, 500)]];
  }
  return Object.entries(value).flatMap(([inner, entry = null]) => pairsOf(`${name}.${inner}`, entry));
}
