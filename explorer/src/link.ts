/** The link that restores a view: what is shown, in the part of the address after #. */
import type { Range } from './range.js';
import type { Outline } from './map/outline.js';
import type { View } from './map/view.js';
import type { Question } from './question.js';
import type { Layout } from './selection.js';

/** What a link holds. */
export interface LinkState {
  /** '' colors by nothing; undefined by what is first */
  readonly color: string | undefined;
  readonly hidden: readonly string[];
  readonly question: Question | undefined;
  readonly like: readonly string[];
  readonly unlike: readonly string[];
  readonly k: number;
  /** undefined leaves it to the page */
  readonly layout: Layout | undefined;
  readonly views: readonly View[];
  readonly lasso: { readonly space: number; readonly outline: Outline; readonly layout: Layout } | undefined;
  readonly ranges: ReadonlyMap<string, Range>;
  readonly isolated: ReadonlySet<string> | undefined;
}

/** An address holds no more isolated categories than these. */
export const mostIsolated = 200;

/** State → the address's part after #. An average of a selection is held as its outline. */
export function linkFromState(state: LinkState): string {
  const words = new URLSearchParams();
  if (state.layout !== undefined) words.set('map', state.layout);
  if (state.color !== undefined) words.set('color', state.color);
  for (const label of state.hidden) words.append('hide', label);
  const { question, lasso } = state;
  if (question?.kind === 'category') words.set('category', question.category);
  if (question?.kind === 'average') words.set('ask', 'average');
  if (question?.kind === 'mix') words.set('ask', 'mix');
  for (const key of state.like) words.append('like', key);
  for (const key of state.unlike) words.append('unlike', key);
  if (state.k !== defaultNeighbors) words.set('k', String(state.k));
  state.views.forEach(({ x, y, scale }, i) => {
    if (x !== 0 || y !== 0 || scale !== 1) words.set(`view${i}`, [x, y, scale].map(short).join(','));
  });
  if (lasso !== undefined) {
    words.set('lasso', [lasso.space, ...lasso.outline.flatMap(({ x, y }) => [short(x), short(y)])].join(','));
    words.set('lassoMap', lasso.layout);
  }
  for (const [name, { low, high }] of state.ranges) words.append('range', `${end(low)},${end(high)},${name}`);
  const { isolated } = state;
  if (isolated !== undefined && isolated.size <= mostIsolated) for (const key of isolated) words.append('isolate', key);
  return words.toString();
}

/** An end of a range; nothing where it is open. */
function end(value: number): string {
  return Number.isFinite(value) ? String(value) : '';
}

/** How many neighbors are listed at first. */
export const defaultNeighbors = 10;

/** The address's part after # → state; what it does not say, or says wrongly, is as at first. */
export function stateFromLink(text: string): LinkState {
  const words = new URLSearchParams(text.replace(/^#/, ''));
  const k = Number(words.get('k') ?? defaultNeighbors);
  const [like, unlike] = [words.getAll('like'), words.getAll('unlike')];
  const category = words.get('category');
  const layout = layoutFrom(words.get('map'));
  const question: Question | undefined =
    category !== null
      ? { kind: 'category', category }
      : words.get('ask') === 'mix'
        ? { kind: 'mix', like, unlike }
        : words.get('ask') === 'average'
          ? { kind: 'average', categories: [] }
          : undefined;
  return {
    color: words.get('color') ?? undefined,
    hidden: words.getAll('hide'),
    question,
    like,
    unlike,
    k: Number.isSafeInteger(k) && k >= 1 && k <= 100 ? k : defaultNeighbors,
    layout,
    views: [0, 1].map((i) => viewFrom(numbersFrom(words.get(`view${i}`)))),
    lasso: lassoFrom(numbersFrom(words.get('lasso')), layoutFrom(words.get('lassoMap')) ?? 'pca'),
    ranges: new Map(words.getAll('range').flatMap(rangeFrom)),
    isolated: words.has('isolate') ? new Set(words.getAll('isolate')) : undefined,
  };
}

function rangeFrom(text: string): [name: string, range: Range][] {
  const [low = '', high = '', ...name] = text.split(',');
  const range = { low: low === '' ? -Infinity : Number(low), high: high === '' ? Infinity : Number(high) };
  return Number.isNaN(range.low) || Number.isNaN(range.high) || name.length === 0 ? [] : [[name.join(','), range]];
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function numbersFrom(text: string | null): readonly number[] {
  const numbers = (text ?? '').split(',').map(Number);
  return text === null || numbers.some((value) => !Number.isFinite(value)) ? [] : numbers;
}

function viewFrom([x = 0, y = 0, scale = 1]: readonly number[]): View {
  return { x, y, scale: scale > 0 ? scale : 1 };
}

function layoutFrom(text: string | null): Layout | undefined {
  return text === 'pca' || text === 'tsne' ? text : undefined;
}

function lassoFrom([space, ...flat]: readonly number[], layout: Layout): LinkState['lasso'] {
  if ((space !== 0 && space !== 1) || flat.length < 6 || flat.length % 2 !== 0) return undefined;
  return { space, layout, outline: flat.flatMap((x, i) => (i % 2 === 0 ? [{ x, y: flat[i + 1] ?? 0 }] : [])) };
}
