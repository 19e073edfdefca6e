// The exports of the kernels, nothing else.
export { mix } from './random';
