/** What a request asks an embedding about: a key, a vector, a history, or what is liked and what is not. */
import type { NearestQuery } from '../embedding/nearest.js';
import { rowOfCategory } from '../embedding/nearest.js';
import type { NearestOptions } from '../embedding/admission.js';
import type { EmbeddingVersion, ModelVersion } from './model-version.js';
import { checkSpaces } from '../embedding/version.js';
import { isVectorOrigin, originName } from '../embedding/vector-origin.js';
import { Problem } from './problem.js';

/** The fields of a body that say what is asked about; exactly one way is given. */
export interface QueryFields {
  readonly key?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly vector?: readonly number[] | undefined;
  /** alignment id of the space that the vector is of */
  readonly alignment?: string | undefined;
  readonly history?: readonly string[] | undefined;
  readonly weights?: readonly number[] | undefined;
  readonly like?: readonly string[] | undefined;
  readonly unlike?: readonly string[] | undefined;
}

/** Keys that the embedding has and those that it lacks, in their order. */
export function splitKeys({ embedding }: EmbeddingVersion, keys: readonly string[]) {
  const known = keys.filter((key) => embedding.has(key));
  const unknown = keys.length === known.length ? [] : keys.filter((key) => !embedding.has(key));
  return { known, unknown: [...new Set(unknown)] };
}

/**
 * Checks that a body asks in exactly one of some ways.
 *
 * @throws Problem 422 that names them
 */
export function checkWays(fields: QueryFields, ways: readonly (keyof QueryFields)[]): void {
  const given = ways.filter((way) => fields[way] !== undefined);
  const isPair = given.length === 2 && given.includes('like') && given.includes('unlike');
  if (given.length !== 1 && !isPair) {
    const got = given.length === 0 ? 'none of them' : given.join(' and ');
    throw new Problem(422, `the body must have one of ${ways.join(', ')}, got ${got}`);
  }
  if (fields.alignment !== undefined && fields.vector === undefined) {
    throw new Problem(422, 'alignment must stand beside a vector, got none');
  }
  if (fields.weights !== undefined && fields.history === undefined) {
    throw new Problem(422, 'weights must stand beside a history, got none');
  }
}

/**
 * The query of an embedding that a body asks, and the keys of it that the embedding lacks.
 *
 * @throws Problem 422 with the keys where no key of it is known, InputError where weights do not fit
 */
export function queryOf(
  served: EmbeddingVersion,
  { key, vector, alignment, history, weights, like = [], unlike = [] }: QueryFields,
): { readonly query: NearestQuery; readonly unknown: readonly string[] } {
  if (vector !== undefined) checkVectorSpace(served, alignment);
  if (vector !== undefined) return { query: Float32Array.from(vector), unknown: [] };
  if (key !== undefined) return { query: knownKey(served, key), unknown: [] };
  if (history !== undefined) {
    const { known, unknown } = splitKeys(served, history);
    if (known.length === 0) throw nothingKnown('history', unknown);
    return { query: { history, weights }, unknown };
  }
  const [liked, unliked] = [splitKeys(served, like), splitKeys(served, unlike)];
  const unknown = [...liked.unknown, ...unliked.unknown];
  if (liked.known.length + unliked.known.length === 0) throw nothingKnown('like and unlike', unknown);
  return { query: { like: liked.known, unlike: unliked.known }, unknown };
}

/** @throws InputError where a request says that its vector is of another space than the embedding's */
function checkVectorSpace({ place, version, alignment }: EmbeddingVersion, given: string | undefined): void {
  if (given === undefined) return;
  checkSpaces(
    { name: 'the vector', version: given, alignment: given },
    { name: place.model, version, alignment },
    'take vectors of this version from /v1/vectors, or serve one trained with --align-to',
  );
}

/** A key that the embedding has. @throws Problem 422, the command's sentence with the closest spellings */
export function knownKey({ embedding }: EmbeddingVersion, key: string): string {
  try {
    rowOfCategory(embedding.vocabulary, key);
    return key;
  } catch (error) {
    throw new Problem(422, error instanceof Error ? error.message : '', { members: { unknown: [key] } });
  }
}

/** Which answers are admitted, as the body says it. */
export function admissionOf(
  served: EmbeddingVersion,
  {
    within,
    where,
    exclude = [],
  }: {
    readonly within?: string | NonNullable<NearestOptions['within']> | undefined;
    readonly where?: NearestOptions['where'];
    readonly exclude?: readonly string[] | undefined;
  },
): { readonly options: NearestOptions; readonly unknown: readonly string[] } {
  const { known, unknown } = splitKeys(served, exclude);
  return {
    options: { within: typeof within === 'string' ? { attribute: within } : within, where, exclude: known },
    unknown,
  };
}

/** How the vector of a known category came to be: what the column `origin` of a filled embedding says, else learned. */
export function originOf({ embedding }: EmbeddingVersion, key: string): string {
  const row = embedding.vocabulary.rowOf(key);
  const origin = row === undefined ? undefined : embedding.attributes.get(originName)?.[row];
  return isVectorOrigin(origin) ? origin : 'learned';
}

/** What stands in every answer: which model, which version, which space. */
export function answeredByOf({ place, version, alignment }: EmbeddingVersion) {
  return { model: place.model, version, alignment };
}

/** The recall of an approximate search; nothing where all are exact. */
export function recallOf(served: ModelVersion | undefined): { readonly recall?: number } {
  return served?.kind === 'embedding' && served.approximate !== undefined ? { recall: served.approximate.recall } : {};
}

/** The same for one question: with filters the search is exact. */
export function recallOfAnswer(
  served: EmbeddingVersion,
  { within, where }: { readonly within?: unknown; readonly where?: unknown },
): { readonly recall?: number } {
  return within === undefined && where === undefined ? recallOf(served) : {};
}

function nothingKnown(field: string, unknown: readonly string[]): Problem {
  const got = unknown.length === 0 ? 'none' : `${unknown.length} unknown ones`;
  return new Problem(422, `${field} must hold a category of the embedding, got ${got}`, { members: { unknown } });
}
