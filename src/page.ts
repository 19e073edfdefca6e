/**
 * What the explorer's page needs of the library beside the face for browsers: named re-exports, no code. The package
 * does not export it.
 */
export { closestSpellings } from './closest-spellings.js';
export { checkEmbeddingFile } from './embedding/check-file.js';
export { contentIdName, contentIdOf } from './embedding/content-id.js';
export { labelValues } from './embedding/label-values.js';
export { descriptionFromMetadata, metadataFromEmbedding } from './embedding/provenance.js';
export { categoryTableFromBytes, categoryTableToBytes } from './formats/category-table.js';
export { leadingEigenvectors } from './numerics/leading-eigenvectors.js';
export { Random } from './numerics/random.js';
export { coloringOf, colorNumbers, colorTogether, entryColors, scalePlace } from './maps/coloring.js';
export type { Coloring, LegendEntry, NumberColoring, ValueColoring } from './maps/coloring.js';
export { scaleColor, themes } from './maps/palette.js';
export type { Theme, ThemeName } from './maps/palette.js';
export { fitToPlane } from './maps/fit.js';
export { numberText, valueText } from './maps/number-text.js';
export { pointRadius } from './maps/point-size.js';
export { regionsOf } from './maps/regions.js';
export type { Region } from './maps/regions.js';
