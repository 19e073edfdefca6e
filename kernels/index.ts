// The exports of the kernels, nothing else.
export { mix } from './random';
export { countAbove, offerNeighbors, rowProducts, scaleScores } from './nearest';
