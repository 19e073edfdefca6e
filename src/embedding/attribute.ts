/** Attributes: known properties of the categories, one value each. */
import { InputError } from '../checks.js';

/** A known property of every category: never trained on unless said, used to judge and to colour. Missing is null. */
export type Attribute = readonly (string | number | boolean | null)[];

/**
 * One attribute by name.
 *
 * @param option - what the caller named it by, for the error
 * @throws InputError that lists the attributes there are
 */
export function attributeNamed(
  attributes: ReadonlyMap<string, Attribute>,
  name: string,
  option = 'attribute',
): Attribute {
  const values = attributes.get(name);
  if (values === undefined) {
    const known = [...attributes.keys()].join(', ');
    throw new InputError(
      `${option} must be one of the embedding's${known === '' ? ', which has none' : ` (${known})`}, got ${JSON.stringify(name)}`,
    );
  }
  return values;
}
