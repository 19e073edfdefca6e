/** Key → its place among many: an open-addressed table of whole numbers, as a Map of V8 ends at 2^24 entries. */
import { mix } from './random.js';

/** Places of keys. Takes 6 to 12 bytes for each key beside the keys themselves. */
export class KeyTable {
  /** a key that stands twice, if one does; its place is then the first */
  readonly twin: string | undefined;
  readonly #keys: readonly string[];
  /** 1 + the place of a key, 0 where there is none; its length is a power of two */
  readonly #slots: Int32Array;

  /**
   * @param keys - fewer than 2^30
   * @param filled - slots of a table of the same keys, whose twins were looked for
   */
  constructor(keys: readonly string[], filled?: Int32Array) {
    this.#keys = keys;
    if (filled !== undefined) {
      this.#slots = filled;
      return;
    }
    let slots = 4;
    while (slots < keys.length * 1.5) slots *= 2;
    this.#slots = new Int32Array(slots);
    let twin: string | undefined;
    keys.forEach((key, place) => {
      const slot = this.#slotOf(key);
      if (this.#slots[slot] === 0) this.#slots[slot] = place + 1;
      else twin ??= key;
    });
    this.twin = twin;
  }

  /** What another thread needs to have the same table. */
  get slots(): Int32Array {
    return this.#slots;
  }

  /** The place of a key; undefined where it is not among them. */
  get(key: string): number | undefined {
    const found = this.#slots[this.#slotOf(key)] ?? 0;
    return found === 0 ? undefined : found - 1;
  }

  /** Where a key stands, or would stand. */
  #slotOf(key: string): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(key) & mask;
    for (;;) {
      const found = this.#slots[slot] ?? 0;
      if (found === 0 || this.#keys[found - 1] === key) return slot;
      slot = (slot + 1) & mask;
    }
  }
}

/** FNV-1a over the UTF-16 units, its bits mixed once more, as neighbors in a table are few of its low ones. */
function hashOf(key: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x0100_0193);
  return mix(hash);
}
