/** Where the points stand: by principal components at once, by t-SNE as soon as a worker has laid them out. */
import type { MapQuality } from 'category2vec/browser';
import { categoryTableToBytes } from 'category2vec/page';
import { leastLaidOut, partsOfRows, placesOfAll } from './alone.js';
import { recallLayout, rememberLayout, servedLayout, type RememberedLayout } from './remembered.js';
import type { Layout } from './selection.js';
import { placesFrom, type Places, type Space } from './space.js';
import { runTask, type TaskHooks } from './work/client.js';

/** Places by t-SNE, and how far they can be trusted. */
export interface LaidOut extends Places {
  readonly quality: MapQuality | undefined;
}

/** Some categories of a space, laid out without the others. */
export interface Alone extends LaidOut {
  readonly space: Space;
  /** how many they are */
  readonly count: number;
}

/** A layout under way. */
export interface LayingOut {
  readonly space: Space;
  /** whether it is one of some categories alone */
  readonly isAlone: boolean;
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
/** The layouts of all spaces; one t-SNE runs at a time, on all threads, while the page stays in use. */
export class Layouts {
  /** what the reader asked for; undefined takes t-SNE once it is there, and has it made where that is no matter of minutes */
  chosen = $state<Layout | undefined>();
  underWay = $state.raw<LayingOut | undefined>();
  /** what is laid out by itself, where something is */
  alone = $state.raw<Alone | undefined>();
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
    return this.#shown(space) === undefined ? 'pca' : 'tsne';
  }

  /** Where the points of a space stand now. */
  placesOf(space: Space): Places {
    return this.#shown(space) ?? space.plane;
  }

  /** What t-SNE says of itself, where it is shown. */
  qualityOf(space: Space): MapQuality | undefined {
    return this.#shown(space)?.quality;
  }

  /** How many categories are laid out by themselves where a space is shown so; undefined where it is whole. */
  aloneOf(space: Space): number | undefined {
    return this.chosen !== 'pca' && this.alone?.space === space ? this.alone.count : undefined;
  }

  /** The places by t-SNE that are shown. */
  #shown(space: Space): LaidOut | undefined {
    if (this.chosen === 'pca') return undefined;
    return this.alone?.space === space ? this.alone : this.#laidOut.get(space);
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

  /** Ends what is under way; a map of all that was awaited becomes one of principal components. */
  stop(): void {
    if (this.underWay?.isAlone === true) this.#control?.abort(new Error('stopped'));
    else this.choose('pca');
  }

  /** Lays out some rows of a space by themselves; a layout of all that is under way begins anew afterward. */
  async layOutAlone(space: Space, rows: Int32Array): Promise<void> {
    this.#control?.abort(new Error('stopped'));
    await this.#watch({ space, share: 0, isAlone: true }, async (signal) => {
      const parts = partsOfRows(space, rows);
      const { coordinates, quality } = await runTask({ kind: 'lay out', space: parts }, this.#hooksOf(space, signal));
      signal.throwIfAborted();
      if (this.chosen === 'pca') this.chosen = undefined;
      const places = placesFrom(placesOfAll(coordinates, rows, space.size));
      this.alone = { ...places, quality, space: this.#latest(space), count: rows.length };
    });
  }

  /** The whole again. */
  leaveAlone(): void {
    if (this.underWay?.isAlone === true) this.stop();
    this.alone = undefined;
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
    const isEasy = Math.min(...sizes) >= leastLaidOut && sizes.reduce((sum, size) => sum + size, 0) <= mostUnasked;
    const isThere = this.#spaces.every(({ placesUrl }) => placesUrl !== undefined);
    return this.chosen === 'tsne' || (this.chosen === undefined && (isEasy || isThere));
  }

  /** The same points under another name, as where attributes were joined: what was laid out stays. */
  carry(from: Space, to: Space): void {
    const places = this.#laidOut.get(from);
    this.#laidOut = new Map([...this.#laidOut, ...(places === undefined ? [] : [[to, places] as const])]);
    this.#spaces = this.#spaces.map((space) => (space === from ? to : space));
    if (this.alone?.space === from) this.alone = { ...this.alone, space: to };
    if (this.underWay?.space === from) this.underWay = { ...this.underWay, space: to };
    this.#successors.set(from, to);
  }

  async #layOut(space: Space): Promise<void> {
    await this.#watch({ space, share: 0, isAlone: false }, async (signal) => {
      const { coordinates, quality } =
        (await servedLayout(space)) ?? (await recallLayout(space)) ?? (await this.#compute(space, signal));
      signal.throwIfAborted();
      const shown = this.#latest(space);
      this.#laidOut = new Map([...this.#laidOut, [shown, { ...placesFrom(coordinates), quality }]]);
      this.#hooks.onPlaced(shown);
    });
  }

  /** Runs a layout that can be stopped, and then what is still wanted. */
  async #watch(what: LayingOut, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const control = new AbortController();
    this.#control = control;
    this.underWay = what;
    try {
      await work(control.signal);
    } catch (error) {
      if (!control.signal.aborted) {
        if (!what.isAlone) this.chosen = 'pca';
        this.#hooks.onFailed(error instanceof Error ? error.message : String(error));
      }
    }
    // another has begun meanwhile
    if (this.#control !== control) return;
    this.underWay = undefined;
    this.#control = undefined;
    this.follow(this.#spaces);
  }

  #latest(space: Space): Space {
    const next = this.#successors.get(space);
    return next === undefined ? space : this.#latest(next);
  }

  #hooksOf(space: Space, signal: AbortSignal): TaskHooks {
    const onProgress = (_: string, share: number): void => {
      if (this.underWay !== undefined && !signal.aborted)
        this.underWay = { ...this.underWay, space: this.#latest(space), share };
    };
    return { signal, onProgress };
  }

  async #compute(space: Space, signal: AbortSignal): Promise<RememberedLayout> {
    const { name, embedding } = space;
    const { dimension, vectors, provenance, vocabulary } = embedding;
    const table = Uint8Array.from(categoryTableToBytes({ vocabulary, attributes: new Map() }));
    const { coordinates, quality } = await runTask(
      { kind: 'lay out', space: { name, table, dimension, vectors, provenance } },
      this.#hooksOf(space, signal),
    );
    await rememberLayout(space, { coordinates, quality });
    return { coordinates, quality };
  }
}
