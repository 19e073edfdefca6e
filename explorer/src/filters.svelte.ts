/** What of the embeddings is looked at: ranges of numbers and an isolated selection; map, neighbors and exports follow. */
import { passingRows, type Range } from './range.js';
import type { Space } from './space.js';

/** What filters ask of the page. */
export interface FilteredPage {
  readonly spaces: () => readonly Space[];
  /** numbers by which a space can be filtered, by name */
  readonly numbersOf: (space: Space, name: string) => Float64Array;
  /** whether the legend's boxes hide nothing */
  readonly isWhole: () => boolean;
  /** whether the legend's boxes let a row be seen */
  readonly isColored: (space: number, row: number) => boolean;
  /** is told when other rows pass, and whether other categories are isolated */
  readonly onChange: (isIsolation: boolean) => void;
}

/** Ranges by attribute, the categories that were isolated, and the legend's boxes beside them. */
export class Filters {
  ranges = $state.raw<ReadonlyMap<string, Range>>(new Map());
  isolated = $state.raw<ReadonlySet<string> | undefined>();
  readonly #page: FilteredPage;

  /** for each space 1 where a row passes ranges and isolation; undefined where there are none */
  readonly passing: readonly (Uint8Array | undefined)[] = $derived.by(() =>
    this.#page.spaces().map((space) => passingRows(space, this, this.#page.numbersOf)),
  );

  /** for each space the rows that are shown; undefined where all are */
  readonly shown: readonly (Int32Array | undefined)[] = $derived.by(() =>
    this.#page
      .spaces()
      .map(({ size }, i) =>
        this.passing[i] === undefined && this.#page.isWhole()
          ? undefined
          : Int32Array.from({ length: size }, (_, row) => row).filter((row) => this.isShown(i, row)),
      ),
  );

  /** for each space the categories that are no neighbors, because they are not shown */
  readonly left: readonly (readonly string[])[] = $derived.by(() =>
    this.#page
      .spaces()
      .map(({ embedding: { vocabulary } }, i) =>
        this.shown[i] === undefined ? [] : vocabulary.keys.filter((_, row) => !this.isShown(i, row)),
      ),
  );

  constructor(page: FilteredPage) {
    this.#page = page;
  }

  /** Whether a row is looked at. */
  isShown(space: number, row: number): boolean {
    return this.passing[space]?.[row] !== 0 && this.#page.isColored(space, row);
  }

  /** Keeps the numbers in a range; one that is open on both sides is none. */
  setRange(name: string, { low, high }: Range): void {
    const next = new Map(this.ranges);
    next.delete(name);
    if (low > -Infinity || high < Infinity) next.set(name, { low, high });
    this.ranges = next;
    this.#page.onChange(false);
  }

  /** Keeps some categories alone; undefined keeps all. */
  isolate(categories: readonly string[] | undefined): void {
    this.isolated = categories === undefined ? undefined : new Set(categories);
    this.#page.onChange(true);
  }

  /** Everything is looked at again. */
  reset(): void {
    [this.ranges, this.isolated] = [new Map(), undefined];
    this.#page.onChange(true);
  }
}
