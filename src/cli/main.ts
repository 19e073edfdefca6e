#!/usr/bin/env node
/** The table of commands. */
import { realpathSync } from 'node:fs';
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';
import { clickExamples } from './commands/click-examples.js';
import type { CommandGroup, CommandRow, Streams } from './command.js';

const commands: readonly (CommandRow | CommandGroup)[] = [
  { name: 'train', summary: 'learn an embedding from an event log', load: () => import('./commands/train.js') },
  {
    name: 'prepare',
    summary: 'split a log into shards, for logs larger than memory',
    load: () => import('./commands/prepare.js'),
  },
  { name: 'neighbors', summary: 'list what is most like a category', load: () => import('./commands/neighbors.js') },
  {
    name: 'evaluate',
    summary: 'measure whether neighbors share an attribute, compared with chance',
    load: () => import('./commands/evaluate.js'),
  },
  {
    name: 'backtest',
    summary: 'measure how well vectors find the next click, compared with baselines',
    load: () => import('./commands/backtest.js'),
  },
  { name: 'tune', summary: 'find the model and the options that suit a log', load: () => import('./commands/tune.js') },
  {
    name: 'map',
    summary: 'draw a map of one embedding or two, colored by an attribute',
    load: () => import('./commands/map.js'),
  },
  {
    name: 'report',
    summary: 'write a page about one embedding or two, to send to others',
    load: () => import('./commands/report.js'),
  },
  {
    name: 'export',
    summary: 'write an embedding for gensim, NumPy, PyTorch, the TensorFlow Projector',
    load: () => import('./commands/export.js'),
  },
  {
    name: 'import',
    summary: 'make an embedding from vectors of another program',
    load: () => import('./commands/import.js'),
  },
  {
    name: 'info',
    summary: 'show what an embedding holds and how it was made',
    load: () => import('./commands/info.js'),
  },
  {
    name: 'explore',
    summary: 'open a map of one embedding or two in the browser',
    load: () => import('./commands/explore.js'),
  },
  {
    name: 'serve',
    summary: 'answer questions about embeddings and click models over HTTP',
    load: () => import('./commands/serve.js'),
  },
  {
    name: 'click',
    summary: 'predict clicks with a network that reads embeddings',
    examples: clickExamples,
    rows: [
      {
        name: 'train',
        summary: 'learn to predict clicks from labeled impressions',
        load: () => import('./commands/click-train.js'),
      },
      {
        name: 'evaluate',
        summary: 'measure how good predicted probabilities are',
        load: () => import('./commands/click-evaluate.js'),
      },
      {
        name: 'predict',
        summary: 'add the probability of a click to every row of a table',
        load: () => import('./commands/click-predict.js'),
      },
      {
        name: 'export',
        summary: 'write the network as an ONNX graph',
        load: () => import('./commands/click-export.js'),
      },
      {
        name: 'compare',
        summary: 'measure every way of using an embedding, on few labels and on many',
        load: () => import('./commands/click-compare.js'),
      },
    ],
  },
  {
    name: 'features',
    summary: 'write one row of numbers for each user, for any model',
    load: () => import('./commands/features.js'),
  },
  {
    name: 'compare',
    summary: 'compare two versions of an embedding with what chance would change',
    load: () => import('./commands/compare.js'),
  },
  {
    name: 'fill',
    summary: 'estimate vectors for categories missing from the log, from attributes',
    load: () => import('./commands/fill.js'),
  },
  {
    name: 'simulate',
    summary: 'simulate a click log with known ground truth',
    load: () => import('./commands/simulate.js'),
  },
];

/**
 * Runs one command line.
 *
 * @param argv - the words after the program's name
 * @returns exit code: 0 done, 1 our fault, 2 what the caller can fix, 3 a gate that was not met, 130 stopped
 */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  return (await import('./run.js')).run(commands, argv, streams);
}

const called = process.argv[1];
if (called !== undefined && realpathSync(called) === fileURLToPath(import.meta.url)) {
  // compiled code is kept from run to run where Node can (22.8 and later), before anything large is imported
  if ('enableCompileCache' in modules && typeof modules.enableCompileCache === 'function') modules.enableCompileCache();
  await (await import('./process.js')).runProcess(run);
}
