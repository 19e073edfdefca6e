// The exports of the kernels, nothing else.
export { mix, permuted } from './numerics/random';
export { countScores, offerNeighbors, rowProducts, searchRows } from './numerics/nearest';
export { multiplyPanels } from './numerics/panels';
export { poolHistories } from './numerics/pool';
export { fillInitialRows } from './training/initial-rows';
export { trainChunk } from './training/train';
export { workspaceBytes } from './training/workspace';
export { graphBytes, measureLists, nearestPoints } from './projection/neighbor-graph';
export { forestBytes, joinLeaves, splitNodes } from './projection/neighbor-forest';
export { lastTrueScores, refineLists, refinementBytes } from './projection/neighbor-refinement';
export { judgeBytes, judgeRows } from './projection/map-quality';
export { clickChunk, clickForward } from './click-network/click-train';
export { gridBytes } from './projection/repulsion';
export { layOutSteps, prepareGrid } from './projection/t-sne';
export { bandwidthRows } from './projection/affinities';
export { spectralGram, spectralResiduals, spectralStart, spectralTurn } from './spectral/dense';
export { spectralMultiply } from './spectral/multiply';
export { spectralSort, spectralSortBytes } from './spectral/sort-clicks';
