/** What a mistyped word of a command line may have meant. */
import type { Command } from 'commander';
import { closestSpellings } from '../../closest-spellings.js';

// cspell:ignore colour neighbours

/** Words that other programs use, and our flags that mean the same, the likeliest first. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  '-a': ['--attributes', '--attribute'],
  '-c': ['--category', '--columns'],
  '-d': ['--dimension', '--delimiter'],
  '-e': ['--epochs', '--embedding'],
  '-f': ['--format', '--out'],
  '-j': ['--threads'],
  '-m': ['--model'],
  '-n': ['-k', '--most', '--max-queries', '--users'],
  '-o': ['--out', '--onnx'],
  '-p': ['--port'],
  '-q': ['--quiet'],
  '-s': ['--seed'],
  '-t': ['--threads', '--time'],
  '-v': ['--version'],
  '-w': ['--window', '--weight'],
  algorithm: ['--model', '--method'],
  alpha: ['--learning-rate'],
  batch: ['--batch-size'],
  cbow: ['--model'],
  cat: ['--categorical', '--category'],
  click: ['--label', '--clicked'],
  clicked: ['--label'],
  colour: ['--color'],
  column: ['--columns', '--category'],
  cores: ['--threads'],
  cpus: ['--threads'],
  date: ['--time', '--as-of'],
  dims: ['--dimension'],
  factors: ['--dimension'],
  file: ['--out'],
  field: ['--columns', '--category'],
  filter: ['--where'],
  group: ['--history', '--within'],
  groupby: ['--history'],
  hs: ['--model'],
  headers: ['--no-header'],
  holdout: ['--cut', '--split'],
  item: ['--category'],
  items: ['--category'],
  iter: ['--epochs', '--iterations'],
  iterations: ['--epochs'],
  jobs: ['--threads'],
  join: ['--attributes'],
  label: ['--attribute', '--clicked'],
  labels: ['--attribute', '--attributes'],
  lr: ['--learning-rate'],
  'max-len': ['--max-history'],
  'min-freq': ['--min-count'],
  'min-df': ['--min-count'],
  'n-jobs': ['--threads'],
  neg: ['--negatives'],
  negative: ['--negatives'],
  neighbors: ['-k'],
  neighbours: ['-k'],
  output: ['--out', '--onnx'],
  passes: ['--epochs'],
  product: ['--category'],
  query: ['--sql'],
  random: ['--seed'],
  'random-state': ['--seed'],
  rows: ['--most', '--impressions'],
  sample: ['--subsampling'],
  sep: ['--delimiter', '--separator'],
  sg: ['--model'],
  session: ['--history'],
  silent: ['--quiet'],
  size: ['--dimension', '--width'],
  test: ['--cut', '--split'],
  'test-size': ['--cut', '--split'],
  target: ['--label'],
  timestamp: ['--time'],
  top: ['-k', '--most'],
  'top-k': ['-k'],
  topk: ['-k'],
  topn: ['-k'],
  user: ['--history', '--history-user'],
  'user-id': ['--history', '--user'],
  validation: ['--split', '--cut'],
  vectors: ['--embedding'],
  'vector-size': ['--dimension'],
  verbose: ['--json'],
  weights: ['--weight'],
  word: ['--category'],
  workers: ['--threads'],
};

/**
 * Flags that an unknown one may stand for: what other programs call so, those that it begins, else those spelled most like it.
 *
 * @param flag - as it was typed, such as `--dim` or `-n`
 * @returns at most three
 */
export function flagSuggestions(flag: string, command: Command): string[] {
  const known = command.options.filter(({ hidden }) => !hidden).map(({ long, short }) => long ?? short ?? '');
  const typed = flag.toLowerCase().replaceAll('_', '-');
  const word = typed.replace(/^-+/, '');
  const begun = typed.startsWith('--') && word !== '' ? known.filter((name) => name.startsWith(typed)) : [];
  const meant = [...(otherNames[typed] ?? []), ...(otherNames[word] ?? [])].filter((name) => known.includes(name));
  if (known.includes(`--${word}`)) return [`--${word}`];
  if (meant.length > 0) return meant.slice(0, 1);
  if (begun.length > 0) return begun.slice(0, 3);
  return typed.startsWith('--') ? closestSpellings(typed, known, 1) : [];
}

/** `; did you mean a or b?`, or nothing. */
export function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`;
}
