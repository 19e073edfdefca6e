// A small page, as a user would write it: trains, maps, and leaves its numbers where the test finds them.
import { setWorkerUrl } from 'category2vec/browser';
import { learn } from './learn.js';

const named = new URLSearchParams(globalThis.location.search).get('worker');
if (named !== null) setWorkerUrl(named);

learn(globalThis.crossOriginIsolated ? 2 : 0).then(
  (bits) => Object.assign(globalThis, { outcome: { bits } }),
  (error) => Object.assign(globalThis, { outcome: { error: `${error.name}: ${error.message}` } }),
);
