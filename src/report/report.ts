/** renderReport: one self-contained HTML page that lets others judge an embedding, or two side by side. */
import { anEmbedding } from '../embedding/embedding.js';
import { coloringsOf } from './map-page.js';
import { countText, percentText } from './markup.js';
import {
  measureReport,
  someEmbeddings,
  type Measurements,
  type NamedEmbedding,
  type ReportHooks,
  type ReportOptions,
} from './measure.js';
import { renderPage } from './page.js';
import { checkCall, optionsKind, plainHooks } from '../step.js';
import { reportSections, tellingOf } from './sections.js';

export { drawLearningCurves, type Curve, type CurveFigure } from './learning-curves.js';
export { renderMapPage } from './map-page.js';
export type { MapPage } from './map-page.js';
export { renderMap } from './render-map.js';
export type { MapPurity, PictureOptions, RenderedMap, RenderMapOptions } from './render-map.js';
export type { Theme, ThemeName } from '../maps/palette.js';
export type { PlanePurity } from '../evaluation/plane-purity.js';
export type { Differences } from './differences.js';
export type { FrequencyBand, FrequencyFigures } from './frequency.js';
export type { NearestLists } from './nearest-lists.js';
export type { Judgment, Measured, Measurements, NamedEmbedding, ReportHooks, ReportOptions } from './measure.js';

/** A report and what it was written from. */
export interface Report {
  /** the whole page */
  readonly html: string;
  readonly measurements: Measurements;
}

/**
 * Makes a report: how the embedding was made, its map, purity against chance, neighbors, suspicious categories,
 * frequency; of two embeddings of the same categories all of it side by side, and where they differ most.
 *
 * The page needs no network, and no JavaScript for its pictures and tables. The same embeddings and options give the same text.
 *
 * @param embeddings - one, or two of the same categories in the same order
 * @throws InputError for an option out of range, categories that differ, an attribute that is unknown or cannot be judged
 */
export async function renderReport(
  embeddings: readonly [NamedEmbedding, ...NamedEmbedding[]],
  options: ReportOptions = {},
  hooks: ReportHooks = {},
): Promise<Report> {
  checkCall('renderReport([{ name, embedding }], options, hooks)', {
    embeddings: [embeddings, someEmbeddings],
    options: [
      options,
      optionsKind<ReportOptions>({ attributes: true, k: true, separator: true, suspects: true, projection: true }),
    ],
    hooks: [hooks, plainHooks],
  });
  const [{ embedding }] = embeddings;
  checkCall('renderReport([{ name, embedding }], options, hooks)', { embedding: [embedding, anEmbedding] });
  const colorings = coloringsOf(embedding, options.attributes?.[0], options.separator);
  const measurements = await measureReport(embeddings, options, hooks);
  const { parts } = measurements;
  const html = renderPage({
    title: titleOf(measurements),
    introduction:
      '<p class="soft">' +
      (parts.length === 1
        ? 'A report on one embedding'
        : 'A comparison of two embeddings on the categories they share') +
      ', made by category2vec.</p>',
    embedding,
    maps: parts.map(({ name, map, lists }) => ({ name, coordinates: map.coordinates, lists })),
    colorings,
    sections: reportSections(measurements),
    first: tellingOf(measurements, 1)[0],
  });
  return { html, measurements };
}

function titleOf({ parts, attributes: [attribute] }: Measurements): string {
  const names = parts.map(({ name }) => name).join(' and ');
  if (attribute === undefined)
    return `${names} ${parts.length === 1 ? 'has' : 'have'} ${countText(parts[0].embedding.vocabulary.size)} categories`;
  const judged = parts.map(({ judgments }) => judgments.get(attribute)?.space);
  const shares = judged.map((purity) => percentText(purity?.purity ?? NaN)).join(' and ');
  return (
    `In ${names}, ${shares} of the ${judged[0]?.k ?? 0} nearest neighbors share the ${attribute}, against ` +
    `${percentText(judged[0]?.chance ?? NaN)} by chance`
  );
}
