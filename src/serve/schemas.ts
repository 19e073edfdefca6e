/** The parts that bodies of requests and answers are made of, each with the sentence that refuses what it is not. */
import { z } from 'zod';
import { describeValue } from '../checks.js';

/** Words an error with what was expected; the place is put before it. */
function mustBe(expected: string): { readonly error: (issue: { readonly input?: unknown }) => string } {
  return { error: ({ input }) => `must be ${expected}, got ${input === undefined ? 'nothing' : describeValue(input)}` };
}

/** A whole number within a range. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const must = mustBe(`a whole number from ${min} to ${max}`);
  return z.int(must).min(min, must).max(max, must);
}

/** A finite number, ≥ 0 where it is a weight. */
export const number = z.number(mustBe('a number'));
const weight = z.number(mustBe('a number ≥ 0')).min(0, mustBe('a number ≥ 0'));

/** Text. */
export const text = z.string(mustBe('text'));

/** True or false. */
export const flag = z.boolean(mustBe('true or false'));

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, mustBe(`one of ${words.join(', ')}`));
}

/** A list of so many things at most. */
export function listOf<Item extends z.ZodType>(item: Item, { min = 0, max = Infinity, what = 'items' } = {}) {
  const range = max === Infinity ? '' : ` of ${min > 0 ? `${min} to` : 'at most'} ${max} ${what}`;
  const list = z.array(item, mustBe(`a list${range}`));
  const longError = { error: ({ input }: { readonly input?: unknown }) => mostSentence(input, range) };
  const atLeast = min > 0 ? list.min(min, longError) : list;
  return max === Infinity ? atLeast : atLeast.max(max, longError);
}

function mostSentence(input: unknown, range: string): string {
  return `must be a list${range}, got ${Array.isArray(input) ? input.length : 'none'}`;
}

/** A value of an attribute. */
export const attributeValue = z.union([z.string(), z.number(), z.boolean()], mustBe('text, a number, true or false'));

/** Which model and which of its versions a request is for. */
export const modelChoice = {
  model: text.optional().describe('name of the model; may be left out where only one of its kind is served'),
  version: text
    .optional()
    .describe(
      'version id, or the name of its file or folder, of a version that is still kept; default: the served one',
    ),
};

/** Which vectors an answer rests on. */
export const answeredBy = { model: z.string(), version: z.string().describe('version id: a hash of keys and vectors') };

/** The space that the numbers belong to. */
export const alignment = z.string().describe('alignment id: vectors of one id may stand beside each other');

/** The space that the numbers of a request are of. */
export const givenAlignment = text
  .optional()
  .describe('alignment id of the numbers of the request; they are refused where the model is of another space');

/** Keys that the model lacks. */
export const unknownKeys = z.array(z.string()).describe('keys of the request that the model does not know');

/** How a vector came to be. */
export const origin = z.string().describe('rung of the vector: learned, shrunk, from attributes, …');

/** What may be an answer. */
export const admission = {
  within: z
    .union(
      [z.string(), z.strictObject({ attribute: text, value: attributeValue.optional() })],
      mustBe('the name of an attribute, or an object of attribute and value'),
    )
    .optional()
    .describe("only categories with this value of an attribute; without a value, the query's own"),
  where: z
    .record(z.string(), z.union([attributeValue, z.array(attributeValue)], mustBe('a value or a list of values')))
    .optional()
    .describe('attribute → the value, or one of the values, that an answer must have'),
};

/** Keys of a request, at most so many. */
export function keyList(max: number, min = 0) {
  return listOf(text, { min, max, what: 'keys' });
}

/** Clicks of a history and their weights. */
export function historyFields(maxKeys: number) {
  return {
    history: keyList(maxKeys, 1).optional().describe('categories of the past; unknown ones are listed and skipped'),
    weights: listOf(weight, { max: maxKeys, what: 'weights' })
      .optional()
      .describe('one ≥ 0 for each category of the history; without them each counts once'),
  };
}

/** Of an answer that was searched approximately. */
export const recall = z
  .number()
  .optional()
  .describe('of an approximate search: share of the true ten nearest that it finds');
