/** What people do next with an embedding: look at it, judge it, show it. */
import { basename, extname } from 'node:path';
import type { Attribute, Embedding } from '../../embedding/embedding.js';

/** An attribute whose values categories share, so that it can be judged by: a name of each is none. */
export function sharedAttribute({ attributes }: Embedding): string | undefined {
  return [...attributes.keys()].find((name) => isShared(attributes.get(name) ?? []));
}

function isShared(values: Attribute): boolean {
  const present = values.filter((value) => value !== null);
  const distinct = new Set(present).size;
  return distinct > 1 && distinct <= present.length / 2;
}

/** Command lines that draw an embedding: a picture, a page to send, a page to search in. */
export function drawNext(path: string, embedding: Embedding): string[][] {
  const stem = basename(path, extname(path));
  const attribute = sharedAttribute(embedding);
  const color = attribute === undefined ? [] : ['--color', attribute];
  return [
    ['map', path, ...color, '--out', `${stem}.png`],
    ['report', path, '--out', `${stem}.html`],
    ['explore', path],
  ];
}

/** Command lines for a new embedding: ask it, judge it, draw it. */
export function embeddingNext(path: string, embedding: Embedding): string[][] {
  const attribute = sharedAttribute(embedding);
  const [key = ''] = embedding.vocabulary.keys;
  return [
    ['neighbors', path, ...(key.startsWith('-') ? ['--'] : []), key],
    ...(attribute === undefined ? [] : [['evaluate', path, '--attribute', attribute]]),
    ...drawNext(path, embedding),
  ];
}
