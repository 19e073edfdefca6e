import { describe, expect, it } from 'vitest';
import { checkModelOptions, optionsOfModel, resolveTrainingOptions } from '../../src/training/model-options.js';
import { trainingOptions } from '../../src/training/options.js';
import { trainEmbedding } from '../../src/training/train-embedding.js';
import { historiesFromRows } from './rows.js';

const histories = historiesFromRows([[0, 1, 2]], 3);

describe('an option that the model does not read', () => {
  it.each([
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

  it('is none for at least one model', () => {
    const read = new Set(Object.values(optionsOfModel).flat());

    expect(Object.keys(trainingOptions).filter((name) => !read.has(name as never))).toEqual([]);
  });
});

describe('resolveTrainingOptions', () => {
  it('takes what is given, else the default of the model, else that of the table', () => {
    const { noiseExponent, dimension, epochs } = resolveTrainingOptions({ model: 'pooled', epochs: 3 });

    expect({ noiseExponent, dimension, epochs }).toEqual({ noiseExponent: 0, dimension: 64, epochs: 3 });
    expect(resolveTrainingOptions({ model: 'pooled', noiseExponent: undefined }).noiseExponent).toBe(0);
    expect(resolveTrainingOptions({}).noiseExponent).toBe(trainingOptions.noiseExponent.default);
  });
});
