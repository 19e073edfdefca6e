/** What the page shows and what its reader has chosen: the one state that all panels share. */
import {
  colorBy,
  colorByDensity,
  colorByNumbers,
  countName,
  densityName,
  numbersOf,
  overlapName,
  paletteOf,
  type Coloring,
} from './colors.js';
import { Comparison } from './comparison.svelte.js';
import { Filters } from './filters.svelte.js';
import { whenIdle } from './idle.js';
import { Layouts } from './layouts.svelte.js';
import { defaultNeighbors, linkFromState, stateFromLink, type LinkState } from './link.js';
import { meetingWarning } from './meeting.js';
import { rowsInside, simplify, type Outline, type Tool } from './map/outline.js';
import type { DrawMap } from './map/renderer.js';
import { wholeView, type View } from './map/view.js';
import { ask, sharedNeighbors, type Question, type SpaceAnswer } from './question.js';
import { served } from './served.js';
import { keysOf, masksOf, type Selection, type Layout } from './selection.js';
import { partsOfSpace, spaceFromParts, withAttributesOf, withSharedAttributes, type Space } from './space.js';
import { Trail } from './trail.svelte.js';
import { readAttributeTable } from './work/attributes.js';
import { runCompare, runTask, type Busy, type SpaceTask, type TaskHooks } from './work/client.js';
import type { SpaceParts } from './work/parts.js';

/** The state of the page. */
export class Explorer {
  spaces = $state.raw<readonly Space[]>([]);
  color = $state('');
  hidden = $state.raw<ReadonlySet<string>>(new Set());
  tool = $state<Tool>('pan');
  k = $state(defaultNeighbors);
  views = $state.raw<readonly View[]>([wholeView, wholeView]);
  selection = $state.raw<Selection | undefined>();
  hovered = $state.raw<string | undefined>();
  like = $state.raw<readonly string[]>([]);
  unlike = $state.raw<readonly string[]>([]);
  message = $state.raw<{ readonly text: string; readonly isError: boolean } | undefined>();
  busy = $state.raw<Busy | undefined>();
  isDark = $state(false);
  isPhone = $state(false);
  /** where the points stand */
  readonly layouts = new Layouts({
    onPlaced: (space) => this.#placed(space),
    onFailed: (sentence) => this.say(sentence, true),
  });

  /** what two embeddings have in common */
  readonly comparison = new Comparison(this.layouts, () => this.spaces);

  /** what of them is looked at */
  readonly filters: Filters = new Filters({
    spaces: () => this.spaces,
    numbersOf: (space, name) => this.numbersOf(space, name),
    isWhole: () => this.hidden.size === 0,
    isColored: (space, row) => this.palette[(this.coloring.codes[space]?.[row] ?? 0) * 4 + 3] !== 0,
    onChange: (isIsolation) => this.#filtered(isIsolation),
  });

  /** draws a map at once and gives its canvas */
  readonly maps: (DrawMap | undefined)[] = [];

  /** what was asked */
  readonly trail = new Trail();
  /** what a link says of a t-SNE that is not there yet */
  #awaited = $state.raw<LinkState | undefined>();

  readonly question = $derived(this.trail.question);
  readonly attributes = $derived([
    ...new Set([
      ...this.spaces.flatMap(({ embedding }) => [...embedding.attributes.keys()]),
      ...(this.spaces.some(hasCounts) ? [countName] : []),
    ]),
  ]);
  /** what points can be colored by */
  readonly colors = $derived([
    ...this.attributes,
    densityName,
    ...(this.comparison.overlaps === undefined ? [] : [overlapName]),
  ]);
  readonly coloring: Coloring = $derived(this.#colored());
  readonly palette = $derived(paletteOf(this.coloring, this.hidden, this.isDark));
  readonly answers: readonly SpaceAnswer[] = $derived(
    this.question === undefined
      ? []
      : this.spaces.map((space, i) => ask(this.question as Question, space, this.k, this.filters.left[i])),
  );
  /** how the first space is shown */
  readonly layout: Layout = $derived(this.spaces[0] === undefined ? 'pca' : this.layouts.shownOf(this.spaces[0]));
  readonly shared = $derived(sharedNeighbors(this.answers));
  /** for each space 1 where a row is selected; undefined where nothing is */
  readonly masks: readonly (Uint8Array | undefined)[] = $derived(masksOf(this.selection, this.spaces));
  readonly selectedKeys: readonly string[] = $derived(keysOf(this.selection, this.spaces));
  readonly link = $derived(
    linkFromState({
      color: this.color,
      hidden: [...this.hidden],
      question: this.question ?? this.#awaited?.question,
      like: this.like,
      unlike: this.unlike,
      k: this.k,
      layout: this.layouts.chosen ?? (this.layout === 'tsne' ? 'tsne' : undefined),
      // places among some categories alone say nothing in the whole map
      views: this.layouts.alone === undefined ? (this.#awaited?.views ?? this.views).slice(0, this.spaces.length) : [],
      lasso: this.layouts.alone === undefined ? (this.selection ?? this.#awaited?.lasso) : undefined,
      ranges: this.filters.ranges,
      isolated: this.filters.isolated,
    }),
  );

  /** Opens what the server has, then what the address says. */
  async start(hash: string): Promise<void> {
    const list = await served();
    if (list === undefined) return this.say('The server does not answer; start category2vec explore again.', true);
    const opened: Space[] = [];
    for (const [i, { name, dimension, provenance, isPlaced }] of list.entries()) {
      const url = new URL(`data/${i}`, document.baseURI).href;
      // oxlint-disable-next-line no-await-in-loop -- one after the other takes half the memory
      const space = await this.#run({ kind: 'open', name, url, dimension, provenance });
      if (space === undefined) return;
      opened.push(isPlaced ? { ...space, placesUrl: `${url}/places` } : space);
    }
    this.#replace(opened);
    if (opened.length === 0) return;
    this.#tellMeeting();
    this.color = this.#firstColor();
    this.restore(hash);
  }

  /** A map has drawn a space for the first time: what the next steps need is made ready, and t-SNE begins. */
  drawn(space: Space): void {
    whenIdle(() => {
      const { embedding } = space;
      const [any] = embedding.vocabulary.keys;
      // The first question builds the index of unit vectors; asked here, it is nobody's wait.
      if (any !== undefined) embedding.nearest(any, 1);
      performance.mark('index ready');
      this.layouts.follow(this.spaces);
    });
  }

  /** Shows what a link says. */
  restore(hash: string): void {
    if (this.spaces.length === 0 || hash.length < 2) return;
    const state = stateFromLink(hash);
    const { color = this.#firstColor() } = state;
    this.color = this.colors.includes(color) ? color : '';
    this.hidden = new Set(state.hidden);
    this.filters.reset();
    for (const [name, range] of state.ranges) if (this.colors.includes(name)) this.filters.setRange(name, range);
    if (state.isolated !== undefined) this.filters.isolate([...state.isolated].filter((key) => this.has(key)));
    this.k = state.k;
    this.like = state.like.filter((key) => this.has(key));
    this.unlike = state.unlike.filter((key) => this.has(key));
    this.selection = undefined;
    const { question, lasso, layout } = state;
    if (question?.kind === 'mix' || (question?.kind === 'category' && this.has(question.category)))
      this.trail.ask(question);
    const isThere = layout !== 'tsne' || this.spaces.every((space) => this.layouts.isLaidOut(space));
    this.#awaited = isThere ? undefined : state;
    this.views = [0, 1].map((i) => (isThere ? state.views[i] : undefined) ?? wholeView);
    if (layout === undefined) this.layouts.chosen = undefined;
    else this.layouts.choose(layout);
    if (lasso !== undefined && (isThere || lasso.layout === 'pca')) this.#selectAgain(lasso, question);
  }

  #selectAgain(lasso: NonNullable<LinkState['lasso']>, question: Question | undefined): void {
    this.select(lasso.space, lasso.outline, lasso.layout);
    if (question?.kind === 'average') this.askAverage();
  }

  /** t-SNE has placed a space: what a link said of it is shown now, else all of it. */
  #placed(space: Space): void {
    const index = this.spaces.indexOf(space);
    const awaited = this.#awaited;
    this.setView(index, awaited?.views[index] ?? wholeView);
    if (awaited === undefined) return;
    const { lasso } = awaited;
    if (lasso?.space === index && this.selection === undefined) this.#selectAgain(lasso, awaited.question);
    if (this.spaces.every((each) => this.layouts.isLaidOut(each))) this.#awaited = undefined;
  }

  /** Shows all spaces in a layout. */
  setLayout(layout: Layout): void {
    this.#awaited = undefined;
    this.layouts.choose(layout);
    this.views = [wholeView, wholeView];
  }

  /** Shows an embedding from a file or a training, alone or as a second map. */
  async show(task: SpaceTask, place: 'alone' | 'beside'): Promise<void> {
    const space = await this.#run(task);
    if (space === undefined) return;
    const [first] = this.spaces;
    this.#replace(place === 'beside' && first !== undefined ? [first, space] : [space]);
    this.#endComparison();
    this.#tellMeeting();
    this.#forget();
    this.#awaited = undefined;
    this.views = [wholeView, wholeView];
    if (!this.colors.includes(this.color)) this.color = this.#firstColor();
  }

  /** Joins a table of attributes to what is shown, by key, and colors by its first one. */
  async join(file: File, key: string): Promise<void> {
    try {
      const table = await readAttributeTable(file, key);
      const said: string[] = [];
      const joined = this.spaces.map((space) => withAttributesOf(space, table, file.name, (text) => said.push(text)));
      this.#replace(joined);
      const [first] = table.keys();
      if (first !== undefined) this.setColor(first);
      this.say(said.join(' '), false);
    } catch (error) {
      this.say(error instanceof Error ? error.message : String(error), true);
    }
  }

  /** Measures how many of their ten nearest the categories share in the two embeddings, and colors by it. */
  async compareNeighborhoods(): Promise<void> {
    const { spaces } = this;
    const overlaps = await this.#watched('comparing neighborhoods', (hooks) =>
      runCompare({ kind: 'compare', spaces: spaces.map(partsOfSpace), k: 10 }, hooks),
    );
    if (overlaps === undefined || spaces !== this.spaces) return;
    this.comparison.overlaps = overlaps;
    this.setColor(overlapName);
  }

  #colored(): Coloring {
    const { spaces, color, comparison } = this;
    if (color === densityName) return colorByDensity(spaces.map((space) => this.layouts.placesOf(space)));
    if (color !== overlapName || comparison.overlaps === undefined) return colorBy(spaces, color);
    return colorByNumbers(spaces.map(comparison.overlapsOf), undefined, [0, 10]);
  }

  /** Takes the second embedding away. */
  closeSecond(): void {
    this.spaces = this.spaces.slice(0, 1);
    this.#endComparison();
    if (this.selection?.space === 1) this.selection = undefined;
    this.layouts.follow(this.spaces);
  }

  /** The first attribute, else clicks, else how dense the map is. */
  #firstColor(): string {
    return this.attributes[0] ?? densityName;
  }

  /** Shows spaces instead of those of before, each with the attributes of both; what was laid out of them stays. */
  #replace(spaces: readonly Space[]): void {
    const shared = withSharedAttributes(spaces);
    shared.forEach((space, i) => {
      const before = this.spaces[i];
      if (before !== undefined && before !== space && before.plane === space.plane) this.layouts.carry(before, space);
    });
    this.spaces = shared;
  }

  #tellMeeting(): void {
    const warning = meetingWarning(this.spaces);
    if (warning !== undefined) this.say(warning, true);
  }

  #endComparison(): void {
    this.comparison.reset();
    if (this.color === overlapName) this.color = this.#firstColor();
  }

  #forget(): void {
    this.trail.clear();
    this.selection = undefined;
    this.hovered = undefined;
    this.hidden = new Set();
    this.filters.reset();
    this.like = [];
    this.unlike = [];
  }

  async #run(task: SpaceTask): Promise<Space | undefined> {
    const parts = await this.#parts(task);
    return parts === undefined ? undefined : spaceFromParts(parts, task.kind === 'open');
  }

  async #parts(task: SpaceTask): Promise<SpaceParts | undefined> {
    const step = task.kind === 'train' ? 'training' : 'reading';
    const parts = await this.#watched(step, (hooks) => runTask(task, hooks));
    if (parts?.note !== undefined) this.say(parts.note, false);
    return parts;
  }

  /** Shows the progress of a work that can be stopped; says what went wrong. @returns undefined where it did not end */
  async #watched<Result>(first: string, work: (hooks: TaskHooks) => Promise<Result>): Promise<Result | undefined> {
    const control = new AbortController();
    const stop = (): void => control.abort(new Error('stopped'));
    const tell = (step: string, share: number): void => void (this.busy = { step, share, stop });
    this.message = undefined;
    tell(first, 0);
    try {
      return await work({ signal: control.signal, onProgress: tell });
    } catch (error) {
      if (!control.signal.aborted) this.say(error instanceof Error ? error.message : String(error), true);
      return undefined;
    } finally {
      this.busy = undefined;
    }
  }

  /** Tells something in the page's line of messages. */
  say(text: string, isError: boolean): void {
    this.message = { text, isError };
  }

  /** Whether any space has a category. */
  has(category: string): boolean {
    return this.spaces.some(({ embedding }) => embedding.vocabulary.rowOf(category) !== undefined);
  }

  askCategory(category: string): void {
    if (this.question?.kind === 'category' && this.question.category === category) return;
    this.trail.ask({ kind: 'category', category });
  }

  askAverage(): void {
    if (this.selectedKeys.length > 0) this.trail.ask({ kind: 'average', categories: this.selectedKeys });
  }

  /** More like these, less like those. */
  mix(like: readonly string[], unlike: readonly string[]): void {
    this.like = [...new Set(like)];
    this.unlike = [...new Set(unlike)].filter((key) => !this.like.includes(key));
    if (this.like.length + this.unlike.length > 0)
      this.trail.ask({ kind: 'mix', like: this.like, unlike: this.unlike });
  }

  /** Chooses the points inside an outline of one space's map. */
  select(space: number, outline: Outline, layout?: Layout): void {
    const shown = this.spaces[space];
    if (shown === undefined) return;
    const drawnIn = layout ?? this.layouts.shownOf(shown);
    const { coordinates } = drawnIn === 'pca' ? shown.plane : this.layouts.placesOf(shown);
    const kept = simplify(outline);
    const rows = rowsInside(kept, coordinates, (row) => this.filters.isShown(space, row));
    this.selection = rows.length === 0 ? undefined : { space, rows, outline: kept, layout: drawnIn };
  }

  /** The numbers of a color: of an attribute, the clicks, or the overlap of two embeddings. */
  numbersOf(space: Space, name: string): Float64Array {
    return name === overlapName ? this.comparison.overlapsOf(space) : numbersOf(space, name);
  }

  #filtered(isIsolation: boolean): void {
    this.selection = undefined;
    if (isIsolation) this.layouts.leaveAlone();
  }

  /** Takes all filters away. */
  showEverything(): void {
    this.hidden = new Set();
    this.filters.reset();
    this.views = [wholeView, wholeView];
  }

  toggle(label: string): void {
    const next = new Set(this.hidden);
    if (!next.delete(label)) next.add(label);
    this.hidden = next;
  }

  setColor(name: string): void {
    this.color = name;
    this.hidden = new Set();
  }

  setView(space: number, view: View): void {
    this.views = this.views.map((other, i) => (i === space ? view : other));
  }

  /** A map says how it is drawn; exports need it. @returns what forgets it */
  registerMap(space: number, draw: DrawMap): () => void {
    this.maps[space] = draw;
    return () => {
      if (this.maps[space] === draw) this.maps[space] = undefined;
    };
  }
}

function hasCounts({ embedding }: Space): boolean {
  return embedding.vocabulary.counts.some((count) => count > 0);
}
