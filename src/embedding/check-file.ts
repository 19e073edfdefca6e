/** What the native file can hold: checked before it is written, in Node and in the browser. */
import { InputError } from '../checks.js';
import type { Vocabulary } from '../vocabulary.js';
import type { Embedding } from './embedding.js';
import { reservedColumns } from './provenance.js';

/**
 * Checks that the native file can hold keys, counts and attributes: for those who train, before the work.
 *
 * @throws InputError as `writeEmbedding`
 */
export function checkEmbeddingFile({ vocabulary, attributes }: Pick<Embedding, 'vocabulary' | 'attributes'>): void {
  checkKeys(vocabulary.keys);
  checkCounts(vocabulary);
  checkAttributeNames([...attributes.keys()]);
}

function checkKeys(keys: readonly string[]): void {
  const broken = keys.find((key) => /\p{Surrogate}/u.test(key));
  if (broken === undefined) return;
  throw new InputError(`a category must be text that UTF-8 can hold, got ${JSON.stringify(broken)}`);
}

function checkCounts({ keys, counts }: Vocabulary): void {
  const row = counts.findIndex((count) => !Number.isFinite(count) || count < 0);
  if (row < 0) return;
  throw new InputError(`count must be a number ≥ 0, got ${counts[row]} for category ${JSON.stringify(keys[row])}`);
}

/** Whether a column of the native file, or of a map, has this name already. */
export function isReservedColumn(name: string): boolean {
  return reservedColumns.includes(name.toLowerCase());
}

function checkAttributeNames(names: readonly string[]): void {
  const reserved = names.filter(isReservedColumn);
  if (reserved.length > 0) {
    const list = reserved.map((name) => JSON.stringify(name)).join(', ');
    throw new InputError(
      `an attribute cannot be named ${list}, because ${reservedColumns.join(', ')} are columns of the file; rename it`,
    );
  }
  const seen = new Map<string, string>();
  for (const name of names) {
    if (name === '' || name.includes('\0') || /\p{Surrogate}/u.test(name)) {
      throw new InputError(`an attribute's name must be text of at least one character, got ${JSON.stringify(name)}`);
    }
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      throw new InputError(
        `attributes must differ in more than case, got ${JSON.stringify(twin)} and ${JSON.stringify(name)}; rename one`,
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}
