/** How an embedding was made, in a sentence: the options that people ask for first. */
import type { Embedding } from '../embedding/embedding.js';

/** Options in the order in which they are said: the name in the record, and its words. */
const wordings: readonly (readonly [name: string, words: (value: number) => string])[] = [
  ['epochs', (value) => `${value} ${value === 1 ? 'epoch' : 'epochs'}`],
  ['learningRate', (value) => `learning rate ${value}`],
  ['negatives', (value) => `${value} ${value === 1 ? 'negative' : 'negatives'}`],
  ['seed', (value) => `seed ${value}`],
];

/**
 * A sentence such as `Trained with the skip-gram model on clicks.csv: 64 numbers, 10 epochs, learning rate 0.5, 10
 * negatives, seed 1.`
 *
 * What the record does not hold is left out; without options it is not said to be trained here, as when it was imported.
 */
export function madeInWords({ dimension, provenance: { source, options = {} } }: Embedding): string {
  const { model } = options;
  const files = typeof source === 'string' ? [source] : (source?.files ?? []);
  const shown =
    files.length > 3 ? `${files.slice(0, 2).join(', ')} and ${files.length - 2} more files` : files.join(', ');
  const numbers = wordings.flatMap(([name, words]) => {
    const value = options[name];
    return typeof value === 'number' ? [words(value)] : [];
  });
  const size = `${[`${dimension} numbers`, ...numbers].join(', ')}.`;
  if (Object.keys(options).length === 0) return shown === '' ? `It has ${size}` : `From ${shown}: ${size}`;
  const how = typeof model === 'string' ? ` with the ${model} model` : '';
  return `Trained${how}${shown === '' ? '' : ` on ${shown}`}: ${size}`;
}
