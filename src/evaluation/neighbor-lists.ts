/** The k nearest of every category of a group by cosine: all pairs, exactly, each product computed once. */
import { openKernelMemory, type KernelMemory } from '../numerics/kernel-memory.js';
import type { Random } from '../numerics/random.js';
import { gridSteps, paddedDimension, toGridSteps, writeUnitRows } from '../numerics/row-products.js';

/** Options and hooks of a group's neighbor search. */
export interface NeighborListOptions {
  /** rows of the matrix that form the group; neighbors are members by their place in it; more than k */
  readonly rows: Int32Array;
  readonly k: number;
  /** draws which of equally near members take the last places of a list */
  readonly random: Random;
  /**
   * called for every member whose last places are shared: `slots` places for the members `ties`, a view; undefined for
   * all other members
   */
  readonly onTies?: (member: number, ties: Int32Array | undefined, slots: number) => void;
  /** called now and then with the share done; a promise is waited for */
  readonly onBlock?: (share: number) => Promise<void> | void;
}

const blockRows = 64;
const blockColumns = 512;

type Part = 'vectors' | 'products' | 'tables';

/** A group's unit rows in kernel memory with room for a block of products and every member's best. */
interface Group {
  readonly memory: KernelMemory<Part>;
  readonly at: Readonly<Record<Part, number>>;
  readonly size: number;
  readonly paddedSize: number;
  readonly stride: number;
  readonly k: number;
}

/**
 * Nearest members of every member of a group, nearest first. Cosines are compared to about a millionth (2⁻²⁰); where
 * equal ones compete for the last places, chance decides and `onTies` hears of all of them. A zero vector comes after
 * all others, and to it all are equally near.
 *
 * Takes n² D / 2 multiplications and n (D + 2k + 2) × 4 bytes.
 *
 * @param vectors - row-major, shape [V, D]
 * @returns places in `rows`, shape [n, k]
 */
export async function neighborLists(
  vectors: Float32Array,
  dimension: number,
  options: NeighborListOptions,
): Promise<Int32Array> {
  const { rows, k } = options;
  const isZero = (row: number) =>
    vectors.subarray(row * dimension, (row + 1) * dimension).every((value) => value === 0);
  const places = Int32Array.from(rows, (_, place) => place);
  const pointing = places.filter((place) => !isZero(rows[place] ?? 0));
  const zeros = places.filter((place) => isZero(rows[place] ?? 0));
  const lists = new Int32Array(rows.length * k);
  const most = Math.min(k, pointing.length - 1);
  if (most > 0) {
    const group = openGroup(
      vectors,
      dimension,
      Int32Array.from(pointing, (place) => rows[place] ?? 0),
      most,
    );
    await offerAllPairs(group, options.onBlock);
    await takeLists(group, pointing, lists, options);
  }
  for (const place of pointing) {
    if (most < k) shareTies(lists, place, { slots: k - Math.max(most, 0), ties: zeros }, options);
  }
  for (const place of zeros) {
    shareTies(lists, place, { slots: k, ties: undefined }, options);
  }
  return lists;
}

function openGroup(vectors: Float32Array, dimension: number, rows: Int32Array, k: number): Group {
  const size = rows.length;
  const paddedSize = Math.ceil(size / 4) * 4;
  const stride = paddedDimension(dimension);
  const memory = openKernelMemory<Part>({
    // Blocks are read whole, so the matrix ends with a block.
    vectors: Math.ceil(size / blockColumns) * blockColumns * stride * 4,
    products: blockRows * blockColumns * 4,
    tables: paddedSize * 4 * (2 + 2 * k),
  });
  writeUnitRows(vectors, dimension, { rows, out: memory.regions.f32('vectors', size * stride) });
  const group = { memory, at: memory.regions.addresses(), size, paddedSize, stride, k };
  const { least, values } = tablesOf(group);
  least.fill(-Infinity);
  values.fill(-Infinity);
  return group;
}

async function offerAllPairs(group: Group, onBlock: NeighborListOptions['onBlock']): Promise<void> {
  const { size, paddedSize, k, at } = group;
  const { kernels } = group.memory;
  let pairs = 0;
  let pairsSaid = 0;
  for (let first = 0; first < size; first += blockRows) {
    const rowCount = Math.min(blockRows, size - first);
    for (let column = first; column < size; column += blockColumns) {
      const end = Math.min(size, column + blockColumns);
      multiplyBlock(group, { first, rowCount, column, columnCount: end - column });
      kernels.offerNeighbors(at.products, blockColumns * 4, first, rowCount, column, end, at.tables, paddedSize, k);
      pairs += rowCount * (end - column);
    }
    if (pairs - pairsSaid > 4_000_000) {
      pairsSaid = pairs;
      await onBlock?.(Math.min(1, (2 * pairs) / (size * size)));
    }
  }
}

function multiplyBlock(
  { memory: { kernels }, at, stride }: Group,
  block: { readonly first: number; readonly rowCount: number; readonly column: number; readonly columnCount: number },
): void {
  kernels.rowProducts(
    at.vectors + block.first * stride * 4,
    block.rowCount,
    at.vectors + block.column * stride * 4,
    Math.ceil(block.columnCount / 4) * 4,
    stride * 4,
    at.products,
    blockColumns * 4,
  );
}

/**
 * The parts of the kernel's tables: of each member the least value kept and whether equal ones were turned away; then k
 * values and k partners each.
 */
function tablesOf({ memory: { regions }, at: { tables }, paddedSize, k }: Omit<Group, 'stride'>) {
  const { buffer } = regions.memory;
  return {
    least: new Float32Array(buffer, tables, paddedSize),
    isCut: new Int32Array(buffer, tables + paddedSize * 4, paddedSize),
    values: new Float32Array(buffer, tables + paddedSize * 8, paddedSize * k),
    partners: new Int32Array(buffer, tables + paddedSize * (8 + 4 * k), paddedSize * k),
  };
}

/** Copies the kernel's tables into the lists; where equal ones were turned away, looks at all of them again. */
async function takeLists(
  group: Group,
  places: Int32Array,
  lists: Int32Array,
  options: NeighborListOptions,
): Promise<void> {
  const { size, k } = group;
  const { least, isCut, values, partners } = tablesOf(group);
  const scratch = new Int32Array(size);
  for (let member = 0; member < size; member++) {
    const place = places[member] ?? 0;
    if (member % 1024 === 1023) await options.onBlock?.(1);
    for (let i = 0; i < k; i++) lists[place * options.k + i] = places[partners[member * k + i] ?? 0] ?? 0;
    if (isCut[member] === 0) continue;
    const steps = least[member] ?? 0;
    const slots = k - values.subarray(member * k, (member + 1) * k).findIndex((value) => value === steps);
    const ties = membersAt(group, { member, steps, places, scratch });
    shareTies(lists, place, { slots, ties, end: k }, options);
  }
}

/** Places of the members whose cosine with a member is a given number of grid steps; a view of the scratch. */
function membersAt(
  group: Group,
  at: { readonly member: number; readonly steps: number; readonly places: Int32Array; readonly scratch: Int32Array },
): Int32Array {
  const { memory, size } = group;
  const { member, steps, places, scratch } = at;
  const products = memory.regions.f32('products', blockColumns);
  const low = (steps - 1) / gridSteps;
  const high = (steps + 1) / gridSteps;
  let count = 0;
  for (let column = 0; column < size; column += blockColumns) {
    const columnCount = Math.min(blockColumns, size - column);
    multiplyBlock(group, { first: member, rowCount: 1, column, columnCount });
    for (let i = 0; i < columnCount; i++) {
      const value = products[i] ?? 0;
      if (value <= low || value >= high || toGridSteps(value) !== steps || column + i === member) continue;
      scratch[count++] = places[column + i] ?? 0;
    }
  }
  return scratch.subarray(0, count);
}

/** Fills the last places of a list by a draw without replacement, and tells of the ties. */
function shareTies(
  lists: Int32Array,
  place: number,
  { slots, ties, end }: { readonly slots: number; readonly ties: Int32Array | undefined; readonly end?: number },
  { rows, k, random, onTies }: NeighborListOptions,
): void {
  onTies?.(place, ties, slots);
  const count = ties?.length ?? rows.length - 1;
  // Floyd's sample: s distinct of n in s draws (Bentley and Floyd 1987).
  const drawn = new Set<number>();
  for (let n = count - slots; n < count; n++) {
    const candidate = random.below(n + 1);
    drawn.add(drawn.has(candidate) ? n : candidate);
  }
  let at = place * k + (end ?? k) - slots;
  for (const index of drawn) lists[at++] = ties === undefined ? index + (index >= place ? 1 : 0) : (ties[index] ?? 0);
}
