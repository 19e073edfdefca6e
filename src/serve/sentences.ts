/** A body that does not fit its schema, said in one sentence: which field, expected, received, what to do. */
import type { z } from 'zod';
import { spellingHint } from '../closest-spellings.js';

/** The first thing that is wrong with a body. @param fields - names that it may have */
export function sentenceOf({ issues }: z.ZodError, fields: readonly string[]): string {
  const issue = issues[0];
  if (issue === undefined) return 'the body must fit the schema in /openapi.json';
  const place = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  const name = place.replace(/^\./, '');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return (
      `${name === '' ? key : `${name}.${key}`} is not a field; the fields are ` +
      `${fields.join(', ')}${spellingHint(key, fields)}`
    );
  }
  return name === '' ? 'the body must be a JSON object' : `${name} ${issue.message}`;
}
