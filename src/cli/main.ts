#!/usr/bin/env node
/** The table of commands. */
import { realpathSync } from 'node:fs';
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';
import { clickExamples } from './commands/click-examples.js';
import type { CommandGroup, CommandRow, Streams } from './command.js';

const commands: readonly (CommandRow | CommandGroup)[] = [
  {
    name: 'train',
    summary: 'learn an embedding from an event log',
    load: async () => (await import('./commands/train.js')).defineTrain,
  },
  {
    name: 'prepare',
    summary: 'split a log into shards, for logs larger than memory',
    load: async () => (await import('./commands/prepare.js')).definePrepare,
  },
  {
    name: 'neighbors',
    summary: 'list what is most like a category',
    load: async () => (await import('./commands/neighbors.js')).defineNeighbors,
  },
  {
    name: 'evaluate',
    summary: 'measure whether neighbors share an attribute, compared with chance',
    load: async () => (await import('./commands/evaluate.js')).defineEvaluate,
  },
  {
    name: 'backtest',
    summary: 'measure how well vectors find the next click, compared with baselines',
    load: async () => (await import('./commands/backtest.js')).defineBacktest,
  },
  {
    name: 'tune',
    summary: 'find the model and the options that suit a log',
    load: async () => (await import('./commands/tune.js')).defineTune,
  },
  {
    name: 'map',
    summary: 'draw a map of one embedding or two, colored by an attribute',
    load: async () => (await import('./commands/map.js')).defineMap,
  },
  {
    name: 'report',
    summary: 'write a page about one embedding or two, to send to others',
    load: async () => (await import('./commands/report.js')).defineReport,
  },
  {
    name: 'export',
    summary: 'write an embedding for gensim, NumPy, PyTorch, the TensorFlow Projector',
    load: async () => (await import('./commands/export.js')).defineExport,
  },
  {
    name: 'import',
    summary: 'make an embedding from vectors of another program',
    load: async () => (await import('./commands/import.js')).defineImport,
  },
  {
    name: 'info',
    summary: 'show what an embedding holds and how it was made',
    load: async () => (await import('./commands/info.js')).defineInfo,
  },
  {
    name: 'explore',
    summary: 'open a map of one embedding or two in the browser',
    load: async () => (await import('./commands/explore.js')).defineExplore,
  },
  {
    name: 'serve',
    summary: 'answer questions about embeddings and click models over HTTP',
    load: async () => (await import('./commands/serve.js')).defineServe,
  },
  {
    name: 'click',
    summary: 'predict clicks with a network that reads embeddings',
    examples: clickExamples,
    rows: [
      {
        name: 'train',
        summary: 'learn to predict clicks from labeled impressions',
        load: async () => (await import('./commands/click-train.js')).defineClickTrain,
      },
      {
        name: 'evaluate',
        summary: 'measure how good predicted probabilities are',
        load: async () => (await import('./commands/click-evaluate.js')).defineClickEvaluate,
      },
      {
        name: 'predict',
        summary: 'add the probability of a click to every row of a table',
        load: async () => (await import('./commands/click-predict.js')).defineClickPredict,
      },
      {
        name: 'export',
        summary: 'write the network as an ONNX graph',
        load: async () => (await import('./commands/click-export.js')).defineClickExport,
      },
      {
        name: 'compare',
        summary: 'measure every way of using an embedding, on few labels and on many',
        load: async () => (await import('./commands/click-compare.js')).defineClickCompare,
      },
    ],
  },
  {
    name: 'features',
    summary: 'write one row of numbers for each user, for any model',
    load: async () => (await import('./commands/features.js')).defineFeatures,
  },
  {
    name: 'compare',
    summary: 'compare two versions of an embedding with what chance would change',
    load: async () => (await import('./commands/compare.js')).defineCompare,
  },
  {
    name: 'fill',
    summary: 'estimate vectors for categories missing from the log, from attributes',
    load: async () => (await import('./commands/fill.js')).defineFill,
  },
  {
    name: 'simulate',
    summary: 'simulate a click log with known ground truth',
    load: async () => (await import('./commands/simulate.js')).defineSimulate,
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
