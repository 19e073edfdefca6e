import { describe, expect, test } from 'vitest';
import { historyAt, historyCount } from '../../src/histories/histories.js';
import { resolveOptions } from '../../src/option-table.js';
import { unitsOfEpoch } from '../../src/training/blocks.js';
import { trainingOptions } from '../../src/training/options.js';
import { termsOfUnit } from '../../src/training/reference.js';
import { planTraining } from '../../src/training/training-plan.js';
import { plantedHistories } from './planted.js';

describe.each(['skip-gram', 'cbow'] as const)('short histories bundled into one unit, by %s', (model) => {
  const histories = plantedHistories({ categories: 300, groups: 5, histories: 80, longest: 30 });
  const lists = Array.from({ length: historyCount(histories) }, (_, h) => [...historyAt(histories, h)]);

  test.each(['history', 'pair'] as const)('pair no click with one of another history, weighted by %s', (weighting) => {
    const plan = planTraining(histories, resolveOptions(trainingOptions, { model, weighting, threads: 1 }), 1);
    const units = [...unitsOfEpoch(histories, plan, 2)];
    const terms = units.flatMap((unit) => [...termsOfUnit(unit, [], plan)]).filter((term) => term.isPositive);
    // the same list in a few lines that know nothing of units
    const expected = lists.flatMap((list) =>
      list.flatMap((own) => {
        const others = list.filter((other) => other !== own);
        if (model === 'cbow') return [`${others.join()}→${own} × 1`];
        const weight = weighting === 'pair' ? 1 : 1 / others.length;
        return others.map((other) => `${own}→${other} × ${weight}`);
      }),
    );

    expect(units.filter(({ parts }) => new Set(parts).size > 1).length).toBeGreaterThan(10);
    expect(terms.map(({ context, output, weight }) => `${context.join()}→${output} × ${weight}`).sort()).toEqual(
      expected.sort(),
    );
  });
});
