// The exports of the kernels, nothing else.
export { mix, permuted } from './random';
export { countScores, offerNeighbors, rowProducts } from './nearest';
export { poolHistories } from './pool';
export { fillInitialRows } from './initial-rows';
export { trainChunk } from './train';
export { workspaceBytes } from './workspace';
export { trainingJobOffset } from './training-job';
export { mapJobFields } from './map-job';
export { graphBytes, nearestPoints } from './neighbor-graph';
export { judgeBytes, judgeRows } from './map-quality';
export { clickChunk, clickForward } from './click-train';
export { clickRecordBytes } from './click-job';
export { gridBytes } from './repulsion';
export { layOutSteps, prepareGrid } from './t-sne';
export { bandwidthRows } from './affinities';
