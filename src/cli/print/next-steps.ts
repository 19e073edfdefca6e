/** What people do next with an embedding: look at it, judge it, show it. */
import { basename, extname } from 'node:path';
import type { Attribute, Embedding } from '../../embedding/embedding.js';
import { flagOf } from '../flags/flags.js';

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

/** Flags of a log that its training needs, too. */
const logFlags = [
  'sql',
  'history',
  'category',
  'columns',
  'time',
  'where',
  'delimiter',
  'minCount',
  'minHistories',
  'attributes',
  'key',
] as const;
/** Flags of impressions that a training of a click model needs, too. */
const clickFlags = [
  'sql',
  'label',
  'categorical',
  'numeric',
  'list',
  'user',
  'time',
  'historyFrom',
  'historyCategory',
  'ownHistory',
  'share',
  'weight',
  'embedding',
  'allowLeak',
] as const;

/** The command line that trains on a log which another command has read, with a setting of options. */
export function trainNext(args: readonly string[], flags: object, setting: object, out: string): string[] {
  return ['train', ...args, ...wordsOf(flags, logFlags), ...wordsOf(setting), '--out', out];
}

/** The command line that trains a click model on impressions which another command has read. */
export function clickTrainNext(args: readonly string[], flags: object, setting: object): string[] {
  return ['click', 'train', ...args, ...wordsOf(flags, clickFlags), ...wordsOf(setting), '--out', 'model'];
}

/** Flags as words of a command line: those that are named, or all; a list repeats its flag. */
function wordsOf(flags: object, names?: readonly string[]): string[] {
  const given = new Map<string, unknown>(Object.entries(flags));
  return [...(names ?? given.keys())].flatMap((name) => {
    const value = given.get(name);
    if (value === undefined || value === false) return [];
    if (value === true) return [flagOf(name)];
    const texts = [value].flat().filter((each) => typeof each === 'string' || typeof each === 'number');
    return texts.flatMap((each) => [flagOf(name), String(each)]);
  });
}
