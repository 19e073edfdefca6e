/** Where the points stand: by principal components at once, by t-SNE as soon as a worker has laid them out. */
import type { MapQuality } from 'category2vec/browser';
import { categoryTableToBytes } from 'category2vec/page';
import { recallLayout, rememberLayout, servedLayout, type RememberedLayout } from './remembered.js';
import type { Layout } from './selection.js';
import { placesFrom, type Places, type Space } from './space.js';
import { runTask } from './work/client.js';

/** Places by t-SNE, and how far they can be trusted. */
export interface LaidOut extends Places {
  readonly quality: MapQuality | undefined;
}

/** A layout under way. */
export interface LayingOut {
  readonly space: Space;
  /** 0 … 1 */
  readonly share: number;
}

/** What the layouts tell the page. */
export interface LayoutHooks {
  readonly onPlaced: (space: Space) => void;
  readonly onFailed: (sentence: string) => void;
}

/** Categories, all spaces together, up to which t-SNE follows unasked: about a minute on two cores. */
export const mostUnasked = 100_000;
/** Fewer points have no neighborhoods to keep. */
const leastUnasked = 10;

/** The layouts of all spaces; one t-SNE runs at a time, on all threads, while the page stays in use. */
export class Layouts {
  /** what the reader asked for; undefined takes t-SNE once it is there, and has it made where that is no matter of minutes */
  chosen = $state<Layout | undefined>();
  underWay = $state.raw<LayingOut | undefined>();
  #laidOut = $state.raw<ReadonlyMap<Space, LaidOut>>(new Map());
  #spaces: readonly Space[] = [];
  #control: AbortController | undefined;
  /** what a space under way has become meanwhile */
  readonly #successors = new WeakMap<Space, Space>();
  readonly #hooks: LayoutHooks;

  constructor(hooks: LayoutHooks) {
    this.#hooks = hooks;
  }

  /** How a space is shown now. */
  shownOf(space: Space): Layout {
    return this.chosen !== 'pca' && this.#laidOut.has(space) ? 'tsne' : 'pca';
  }

  /** Where the points of a space stand now. */
  placesOf(space: Space): Places {
    return (this.chosen === 'pca' ? undefined : this.#laidOut.get(space)) ?? space.plane;
  }

  /** What t-SNE says of itself, where it is shown. */
  qualityOf(space: Space): MapQuality | undefined {
    return this.chosen === 'pca' ? undefined : this.#laidOut.get(space)?.quality;
  }

  /** Whether t-SNE has placed a space. */
  isLaidOut(space: Space): boolean {
    return this.#laidOut.has(space);
  }

  /** Shows all spaces in a layout; t-SNE comes when it is done. */
  choose(layout: Layout): void {
    this.chosen = layout;
    if (layout === 'pca') this.#control?.abort(new Error('stopped'));
    else this.follow(this.#spaces);
  }

  /** Lays out what is shown and has no t-SNE yet, one space after the other; what is no longer shown is forgotten. */
  follow(spaces: readonly Space[]): void {
    this.#spaces = spaces;
    this.#laidOut = new Map([...this.#laidOut].filter(([space]) => spaces.includes(space)));
    if (this.underWay !== undefined) {
      if (!spaces.includes(this.underWay.space)) this.#control?.abort(new Error('stopped'));
      return;
    }
    const next = spaces.find((space) => !this.#laidOut.has(space));
    if (next !== undefined && this.#isWanted()) void this.#layOut(next);
  }

  #isWanted(): boolean {
    const sizes = this.#spaces.map(({ size }) => size);
    const isEasy = Math.min(...sizes) >= leastUnasked && sizes.reduce((sum, size) => sum + size, 0) <= mostUnasked;
    const isThere = this.#spaces.every(({ placesUrl }) => placesUrl !== undefined);
    return this.chosen === 'tsne' || (this.chosen === undefined && (isEasy || isThere));
  }

  /** The same points under another name, as where attributes were joined: what was laid out stays. */
  carry(from: Space, to: Space): void {
    const places = this.#laidOut.get(from);
    this.#laidOut = new Map([...this.#laidOut, ...(places === undefined ? [] : [[to, places] as const])]);
    this.#spaces = this.#spaces.map((space) => (space === from ? to : space));
    if (this.underWay?.space === from) this.underWay = { ...this.underWay, space: to };
    this.#successors.set(from, to);
  }

  async #layOut(space: Space): Promise<void> {
    const control = new AbortController();
    this.#control = control;
    this.underWay = { space, share: 0 };
    try {
      const { coordinates, quality } =
        (await servedLayout(space)) ?? (await recallLayout(space)) ?? (await this.#compute(space, control.signal));
      control.signal.throwIfAborted();
      const shown = this.#latest(space);
      this.#laidOut = new Map([...this.#laidOut, [shown, { ...placesFrom(coordinates), quality }]]);
      this.#hooks.onPlaced(shown);
    } catch (error) {
      if (!control.signal.aborted) {
        this.chosen = 'pca';
        this.#hooks.onFailed(error instanceof Error ? error.message : String(error));
      }
    } finally {
      this.underWay = undefined;
      this.#control = undefined;
    }
    this.follow(this.#spaces);
  }

  #latest(space: Space): Space {
    const next = this.#successors.get(space);
    return next === undefined ? space : this.#latest(next);
  }

  async #compute(space: Space, signal: AbortSignal): Promise<RememberedLayout> {
    const { name, embedding } = space;
    const { dimension, vectors, provenance, vocabulary } = embedding;
    const table = Uint8Array.from(categoryTableToBytes({ vocabulary, attributes: new Map() }));
    const { coordinates, quality } = await runTask(
      { kind: 'lay out', space: { name, table, dimension, vectors, provenance } },
      { signal, onProgress: (_, share) => (this.underWay = { space: this.#latest(space), share }) },
    );
    await rememberLayout(space, { coordinates, quality });
    return { coordinates, quality };
  }
}
