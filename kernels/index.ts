// The exports of the kernels, nothing else.
export { mix, permuted } from './random';
export { countAbove, offerNeighbors, rowProducts, scaleScores } from './nearest';
export { trainChunk } from './train';
export { workspaceBytes } from './workspace';
export { trainingJobOffset } from './training-job';
