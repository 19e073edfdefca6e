/** Versions: which embedding this is, which space its numbers belong to, and whether the numbers of two may be mixed. */
import { InputError } from '../checks.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { checkCall, objectWith, text } from '../step.js';

/** What names an embedding and its space. */
export interface SpaceIds {
  /** hash of the keys and vectors, 16 hexadecimal digits */
  readonly version: string;
  /** version of the first embedding of the chain that this one was aligned along; its own version where there is no chain */
  readonly alignment: string;
}

/** How the spaces of two embeddings relate: one version, versions of one chain, or neither. */
export type SpaceRelation = 'same' | 'aligned' | 'foreign';

/** One side of a meeting of two spaces. */
export interface SpaceSide extends SpaceIds {
  /** how the caller named it, such as `--embedding new.parquet` */
  readonly name: string;
}

/**
 * The version id of keys and vectors: equal contents have equal ids, whatever the file, its attributes or how it was made.
 *
 * @param vectors - row-major, shape [V, D]
 * @returns 16 hexadecimal digits
 */
export function versionOf(keys: readonly string[], vectors: Float32Array): string {
  return fingerprint(keys, vectors);
}

const someIds = objectWith('an embedding, or an object such as { version, alignment }', ['version', 'alignment']);

/** How two spaces relate. Numbers of foreign spaces mean nothing beside each other; cosines within each do. */
export function relateSpaces(a: SpaceIds, b: SpaceIds): SpaceRelation {
  checkCall('relateSpaces(a, b)', { a: [a, someIds], b: [b, someIds] });
  if (a.version === b.version) return 'same';
  return a.alignment === b.alignment ? 'aligned' : 'foreign';
}

/**
 * Checks that the numbers of two embeddings may be mixed.
 *
 * @param advice - what makes them belong together: a command, or what to leave out
 * @returns `same` or `aligned`
 * @throws InputError, one sentence with both alignment ids, where the spaces are foreign
 */
export function checkSpaces(a: SpaceSide, b: SpaceSide, advice: string): 'same' | 'aligned' {
  checkCall('checkSpaces(a, b, advice)', { a: [a, someIds], b: [b, someIds], advice: [advice, text] });
  const relation = relateSpaces(a, b);
  if (relation !== 'foreign') return relation;
  throw new InputError(
    `${a.name} must be of the same space as ${b.name}, got alignment id ${a.alignment} and ${b.alignment}, ` +
      `whose numbers mean nothing beside each other; ${advice}`,
  );
}
