import { describe, expect, test } from 'vitest';
import { labelValues } from '../../src/embedding/label-values.js';

describe('labelValues', () => {
  test.each([
    ['["Crime","Drama"]', undefined, ['Crime', 'Drama']],
    ["['Crime', 'Drama']", undefined, ['Crime', 'Drama']],
    ["('Crime', 'Drama')", '|', ['Crime', 'Drama']],
    ["{'Crime'}", '|', ['Crime']],
    ["['Crime' 'Drama']", '|', ['Crime', 'Drama']],
    ["array(['Crime', 'Drama'])", '|', ['Crime', 'Drama']],
    [`["Children's", 'Film-Noir']`, '|', ["Children's", 'Film-Noir']],
    ["['Rock \\'n\\' Roll', \"caf\\u00e9\"]", '|', ["Rock 'n' Roll", 'café']],
    ["['a', None, 'b']", '|', ['a', 'b']],
    ['[1, 2.5]', '|', ['1', '2.5']],
    ['["a|b","c"]', '|', ['a|b', 'c']],
    ['[]', undefined, []],
    ['Crime|Drama', '|', ['Crime', 'Drama']],
    ['Crime | Drama |', '|', ['Crime', 'Drama']],
    ['Crime|Drama', undefined, ['Crime|Drama']],
    ['[1, 2]', undefined, ['[1, 2]']],
    ['[deleted]', '|', ['[deleted]']],
    ['{Crime,Drama}', ',', ['Crime', 'Drama']],
    ['{Crime}', ',', ['Crime']],
    ['WrappedArray(Crime, Drama)', ',', ['Crime', 'Drama']],
    ['[Crime, Drama]', ',', ['Crime', 'Drama']],
    ['{Crime,Drama}', undefined, ['{Crime,Drama}']],
    ['Live (1999)', ',', ['Live (1999)']],
    ["['broken]", '|', ["['broken]"]],
    ['(live)', undefined, ['(live)']],
    [7, '|', ['7']],
    [true, undefined, ['true']],
    [null, '|', []],
    ['', undefined, []],
  ])('%j with separator %j is %j', (value, separator, values) => {
    expect(labelValues(value, separator)).toEqual(values);
  });
});
