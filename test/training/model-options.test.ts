import { describe, expect, test } from 'vitest';
import {
  checkModelOptions,
  chooseModel,
  continuedTraining,
  optionsOfModel,
  resolveTrainingOptions,
} from '../../src/training/model-options.js';
import { trainingOptions } from '../../src/training/options.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { historiesFromRows } from './rows.js';

const histories = historiesFromRows([[0, 1, 2]], 3);

describe('an option that the model does not read', () => {
  test.each([
    ['cbow', { weighting: 'history' }],
    ['pooled', { negatives: 10 }],
    ['pooled', { weighting: 'pair' }],
    ['skip-gram', { tables: 'one' }],
    ['cbow', { poolingExponent: 1 }],
    ['spectral', { tables: 'two' }],
  ] as const)('is refused where it is given, at any value: %s, %j', async (model, given) => {
    const [name = ''] = Object.keys(given);

    await expect(trainEmbedding(histories, { model, dimension: 8, ...given })).rejects.toThrow(name);
    expect(() => checkModelOptions({ ...given }, model)).toThrow(`model ${model}`);
    expect(optionsOfModel[model]).not.toContain(name);
  });

  test('is none for at least one model', () => {
    const read = new Set(Object.values(optionsOfModel).flat());

    expect(Object.keys(trainingOptions).filter((name) => !read.has(name as never))).toEqual([]);
  });
});

describe('resolveTrainingOptions', () => {
  test('takes what is given, else the default of the model, else that of the table', () => {
    const { noiseExponent, dimension, epochs } = resolveTrainingOptions({ model: 'pooled', epochs: 3 });

    expect({ noiseExponent, dimension, epochs }).toEqual({ noiseExponent: 0, dimension: 64, epochs: 3 });
    expect(resolveTrainingOptions({ model: 'pooled', noiseExponent: undefined }).noiseExponent).toBe(0);
    expect(resolveTrainingOptions({ model: 'cbow' }).noiseExponent).toBe(trainingOptions.noiseExponent.default);
    expect(resolveTrainingOptions({})).toMatchObject({ singularExponent: 1, iterations: 5, historyExponent: -1 });
    expect(resolveTrainingOptions({ goal: 'next', model: 'spectral' }).singularExponent).toBe(0.5);
    expect(resolveTrainingOptions({ historyExponent: 0.5, categoryExponent: 0.5 }).iterations).toBe(0);
    expect(resolveTrainingOptions({ singularExponent: 2 }).singularExponent).toBe(2);
  });
});

describe('the model that is trained', () => {
  test.each([
    [{}, [], 'spectral', undefined],
    [{ goal: 'similar' }, [], 'spectral', undefined],
    [{ goal: 'next' }, [], 'pooled', undefined],
    [{ model: 'cbow', goal: 'next' }, [], 'cbow', undefined],
    [{ epochs: 5 }, [], 'skip-gram', 'epochs'],
    [{ goal: 'next', negatives: 5 }, [], 'skip-gram', 'negatives'],
    [{ tables: 'one' }, [], 'pooled', 'tables'],
    [{ dimension: 4 }, [], 'skip-gram', 'dimension'],
    [{ dimension: 16 }, ['start'], 'skip-gram', 'start'],
    [{ goal: 'next' }, ['checkpoint'], 'pooled', undefined],
  ] as const)('with %j and %j is %s', (given, needs, model, because) => {
    expect(chooseModel(given, needs)).toEqual({ model, because });
  });

  test('is refused options that no model reads together, by the name of one', () => {
    const given = { epochs: 3, singularExponent: 1 };

    expect(chooseModel(given).model).toBe('spectral');
    expect(() => checkModelOptions(given, 'spectral')).toThrow('epochs must be left out with model spectral');
  });

  test.each([
    [
      { model: 'pooled', tables: 'one', epochs: 3 },
      { model: 'pooled', tables: 'one' },
    ],
    [
      { model: 'cbow', negatives: 4 },
      { model: 'cbow', negatives: 4 },
    ],
    [{ model: 'spectral' }, { model: 'skip-gram' }],
    [{}, { model: 'skip-gram' }],
  ] as const)('of %j continues as %j', (options, continued) => {
    expect(continuedTraining(options)).toEqual(continued);
  });
});
