/** The sections of a report as HTML: figures, provenance, purity, suspects, frequency, differences. */
import { provenanceEntries } from '../embedding/provenance.js';
import type { Json } from '../embedding/embedding.js';
import { endText } from '../histories/time-span.js';
import { categoryName, figure, htmlTable, shareBar, visible } from './html.js';
import { madeInWords } from './made-in-words.js';
import { countText, percentColumn, percentText } from './markup.js';
import type { Measured, Measurements } from './measure.js';
import { tellingRows } from './telling.js';

/** Chapters of the page, in order: an id, a heading and the HTML below it. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  /** whether it takes the page's whole width, as tables with columns for each of two embeddings do */
  readonly isWide?: boolean;
}

/** Every section but the map; the neighbors first, which a click on the map changes. */
export function reportSections(measurements: Measurements): Section[] {
  const { attributes, parts, differences } = measurements;
  const isWide = parts.length > 1;
  return [
    { id: 'neighbors', title: 'Neighbors', body: neighborSection(measurements) },
    { id: 'figures', title: 'Figures', body: figureTables(measurements), isWide },
    ...(differences === undefined
      ? []
      : [{ id: 'differences', title: 'Where the two differ most', body: differenceSection(measurements), isWide }]),
    ...attributes.map((attribute, i) => ({
      id: `purity-${i}`,
      title: `Purity by ${attribute}`,
      body: `${i === 0 ? purityMeaning(parts[0], attribute) : ''}${puritySection(parts, attribute)}`,
      isWide,
    })),
    ...(attributes.length === 0
      ? []
      : [{ id: 'suspects', title: 'Suspicious categories', body: suspectSection(measurements) }]),
    { id: 'frequency', title: 'Frequency', body: frequencySection(parts) },
    { id: 'provenance', title: 'How it was made', body: provenanceSection(parts) },
  ];
}

/** Figures of each embedding side by side: how many neighbors share an attribute, and how far the map can be trusted. */
function figureTables(measurements: Measurements): string {
  const { parts, attributes } = measurements;
  const sizes = parts.map(
    ({ name, embedding: { vocabulary, dimension } }) =>
      `${parts.length === 1 ? '' : `${visible(name)}: `}${countText(vocabulary.size)} categories × ` +
      `${countText(dimension)} numbers`,
  );
  return [
    `<p>${sizes.join('; ')}.</p>`,
    attributes.length === 0 ? '' : sharedAttributes(measurements),
    mapFigures(measurements),
  ].join('\n');
}

/** One line for each attribute: the share of the nearest that have the same value, in the space and in the map. */
function sharedAttributes({ parts, attributes }: Measurements): string {
  const rows = attributes.map((attribute) => {
    const judged = parts.map(({ judgments }) => judgments.get(attribute));
    const share = (value: number | undefined): string => percentText(value ?? NaN);
    return [
      visible(attribute),
      ...judged.map((judgment) => share(judgment?.space.purity)),
      share(judged[0]?.space.chance),
      share(judged[0]?.space.ceiling),
      ...judged.map((judgment) => share(judgment?.plane.purity)),
    ];
  });
  const each = (title: string) =>
    parts.map(({ name }) => ({ title: parts.length === 1 ? title : `${title}, ${name}`, isNumber: true }));
  const columns = [
    { title: 'attribute' },
    ...each('of the vectors'),
    { title: 'by chance', isNumber: true },
    { title: 'at best', isNumber: true },
    ...each('in the map'),
  ];
  return htmlTable(`Of the ${parts[0].lists.k} nearest, the share with the same attribute`, columns, rows);
}

function mapFigures({ parts, differences }: Measurements): string {
  const [{ map }] = parts;
  const row = (name: string, value: (part: Measured) => string, meaning: string) => [
    name,
    ...parts.map(value),
    visible(meaning),
  ];
  const isApproximate = parts.some(({ map: { quality } }) => (quality.graphRecall ?? 1) !== 1);
  const rows = [
    row(
      'trustworthiness',
      (part) => figure(part.map.quality.trustworthiness),
      'neighbors in the map are near in the vectors',
    ),
    row('continuity', (part) => figure(part.map.quality.continuity), 'neighbors in the vectors are near in the map'),
    row(
      'recall',
      (part) => figure(part.map.quality.recall),
      `share of the ${map.quality.k} nearest that the map keeps`,
    ),
    ...(isApproximate
      ? [
          row(
            'graph recall',
            (part) => figure(part.map.quality.graphRecall ?? 1),
            'share of the nearest that t-SNE was given',
          ),
        ]
      : []),
  ];
  if (differences !== undefined) {
    const shared = percentText(differences.shared);
    const chance = percentText(differences.chance);
    const meaning = `of the ${parts[0].lists.k} nearest neighbors are the same in both, against ${chance} by chance`;
    rows.push(row('shared', () => shared, meaning));
  }
  const columns = parts.map(({ name }) => ({ title: parts.length === 1 ? 'value' : name, isNumber: true }));
  return htmlTable(
    'How far the map can be trusted, from 0 to 1',
    [{ title: 'figure' }, ...columns, { title: 'meaning' }],
    rows,
  );
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
  return `<div class="still"><p class="soft">Those of ${rows.length} frequent categories whose neighbors agree most;
with JavaScript, those of any category.</p>
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

function purityMeaning({ judgments, lists }: Measured, attribute: string): string {
  const labeled = countText(judgments.get(attribute)?.space.labeled ?? 0);
  return (
    `<p>Purity is the share of a category's ${lists.k} nearest that have its value, over the ${labeled} categories with a ` +
    'label; the tick in a bar is chance. “In the map” is the same of the nearest points.</p>\n'
  );
}

function puritySection(parts: Measurements['parts'], attribute: string): string {
  const judged = parts.map(({ judgments }) => judgments.get(attribute));
  const [first] = judged;
  if (first === undefined) return '';
  const { note } = first.space;
  const others = judged
    .slice(1)
    .map((judgment) => new Map(judgment?.space.values.map((value) => [value.value, value])));
  const { values } = first.space;
  // one precision in each column
  const chances = percentColumn(values.map(({ chance }) => chance));
  const purities = judged.map((_, i) =>
    values.map(({ value, purity }) => (i === 0 ? purity : (others[i - 1]?.get(value)?.purity ?? NaN))),
  );
  const purityTexts = purities.map(percentColumn);
  const planeTexts = judged.map((judgment) =>
    percentColumn(values.map(({ value }) => judgment?.plane.values.get(value) ?? NaN)),
  );
  const rows = values.map(({ value, count, chance }, row) => [
    visible(value),
    countText(count),
    chances[row] ?? '',
    ...judged.flatMap((_, i) => [
      `${shareBar(purities[i]?.[row] ?? NaN, chance)} <span class="of">${purityTexts[i]?.[row] ?? ''}</span>`,
      planeTexts[i]?.[row] ?? '',
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
  const head = [
    { title: attribute },
    { title: 'categories', isNumber: true },
    { title: 'chance', isNumber: true },
    ...columns,
  ];
  return `${warning}
${htmlTable(`Purity per value of ${attribute}`, head, rows)}`;
}

/** Tables of those whose neighbors agree on another value; one sentence names the attributes without any. */
function suspectSection({ parts, attributes }: Measurements): string {
  const found = attributes.flatMap((attribute) =>
    parts.map((part) => ({ attribute, part, rows: suspectRows(part, attribute) })),
  );
  const tables = found
    .filter(({ rows }) => rows.length > 0)
    .map(({ attribute, part, rows }) => {
      const columns = [
        { title: 'category' },
        { title: 'clicks', isNumber: true },
        { title: `its ${attribute}` },
        { title: 'shared by', isNumber: true },
        { title: 'most neighbors' },
        { title: 'share', isNumber: true },
      ];
      return htmlTable(`Neighbors in ${part.name} agree on another ${attribute}`, columns, rows);
    });
  const none = found
    .filter(({ rows }) => rows.length === 0)
    .map(({ attribute, part }) => visible(parts.length === 1 ? attribute : `${attribute} in ${part.name}`));
  return [
    ...tables,
    ...(none.length === 0 ? [] : [`<p>None by ${none.join(' or ')}: no neighborhood agrees on another value.</p>`]),
  ].join('\n');
}

function suspectRows({ embedding, judgments }: Measured, attribute: string): string[][] {
  const { vocabulary } = embedding;
  return (judgments.get(attribute)?.space.suspects ?? []).map((suspect) => [
    categoryName(vocabulary.keys, vocabulary.rowOf(suspect.category) ?? 0),
    countText(suspect.count),
    visible(suspect.label),
    percentText(suspect.agreement),
    visible(suspect.neighborsSay),
    percentText(suspect.share),
  ]);
}

function frequencySection(parts: Measurements['parts']): string {
  return parts
    .map(({ name, frequency, lists }) => {
      const rows = frequency.bands.map((band) => [
        band.minCount === band.maxCount
          ? countText(band.minCount)
          : `${countText(band.minCount)}\u00a0to\u00a0${countText(band.maxCount)}`,
        countText(band.categories),
        figure(band.norm, 2),
        figure(band.nearest, 2),
        countText(band.neighborCount),
        figure(band.listed, 1),
      ]);
      const columns = [
        'categories',
        'mean length',
        'similarity of the nearest',
        'median clicks of neighbors',
        'lists with it',
      ];
      const { normCorrelation, listedCorrelation } = frequency;
      const of = parts.length === 1 ? '' : `In ${visible(name)}, `;
      const head = [{ title: 'clicks' }, ...columns.map((title) => ({ title, isNumber: true }))];
      const caption = `Tenths of the categories by clicks${parts.length === 1 ? '' : `, in ${name}`}`;
      return `<p>${of}${of === '' ? 'Categories' : 'categories'} with more clicks have
${more(normCorrelation, 'longer', 'shorter')} vectors (rank correlation ${figure(normCorrelation, 2)}) and stand in
${more(listedCorrelation, 'more', 'fewer')} lists of neighbors (${figure(listedCorrelation, 2)}; ${lists.k} lists on
average).</p>
${htmlTable(caption, head, rows)}`;
    })
    .join('\n');
}

/** A rank correlation in a word; `neither … nor` below 0.1. */
function more(correlation: number, up: string, down: string): string {
  if (!(Math.abs(correlation) >= 0.1)) return `neither ${up} nor ${down}`;
  return correlation > 0 ? up : down;
}

function provenanceSection(parts: Measurements['parts']): string {
  return parts
    .map(({ name, embedding }) => {
      const { provenance } = embedding;
      const rows = provenanceEntries(provenance).flatMap(([top, value]) =>
        pairsOf(top, endText(top, provenance) ?? value),
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
