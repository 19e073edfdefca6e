/** The anchors of `soft`: s · E_c2v · R for every row of a table, renewed after each epoch, and the pull that rows still owe. */
import { orthogonalFactor } from '../numerics/orthogonal-factor.js';
import { anchorOf } from './fill-parameters.js';
import { power } from './reference-steps.js';
import type { ClickRun } from './open-run.js';

/** Pulls every row by the batches since it last moved, so that all rows stand where the penalty has them now. */
export function settleAnchors({ click, shape, tables, options }: ClickRun): void {
  const step = click.job.get('step');
  tables.forEach((table, t) => {
    const { rows = 0, stride = 0 } = shape.tables[t] ?? {};
    const record = click.tables[t];
    const vectors = click.parameters.tables[t];
    if (!table.isAnchored || record === undefined || vectors === undefined || record.get('isFrozen') === 1) return;
    const anchor = anchorOf(click, t);
    const stamps = click.regions.part(`table${t}`).u32('stamps', rows * 2);
    const base = 1 / (1 + record.get('rate') * Math.min(options.lambda, 3e38));
    for (let row = 0; row < rows; row++) {
      const share = Math.fround(power(base, step - (stamps[row * 2] ?? 0) / 2));
      stamps[row * 2] = step * 2;
      for (let at = row * stride; at < (row + 1) * stride; at++) {
        const goal = anchor[at] ?? 0;
        vectors[at] = goal + Math.fround(share * Math.fround((vectors[at] ?? 0) - goal));
      }
    }
  });
}

/** Renews the anchors: from the embedding as its own training has left it, turned toward the table where `rotation` says so. */
export function refreshAnchors({ click, shape, tables, companions, options }: ClickRun): void {
  tables.forEach((table, t) => {
    const { stride = 0, dimension = 0 } = shape.tables[t] ?? {};
    const vectors = click.parameters.tables[t];
    const { start, transfer } = table;
    if (!table.isAnchored || start === undefined || transfer === undefined || vectors === undefined) return;
    const companion = companions[t];
    if (companion === undefined && !options.rotation) return;
    const goals = companion === undefined ? start.vectors : start.apply(companion.collect());
    const turn = options.rotation ? turnToward(goals, vectors, dimension, stride) : undefined;
    const anchor = anchorOf(click, t);
    for (let row = 0; row * dimension < goals.length; row++) {
      for (let d = 0; d < dimension; d++) {
        let goal = goals[row * dimension + d] ?? 0;
        if (turn !== undefined) {
          goal = 0;
          for (let e = 0; e < dimension; e++)
            goal += (goals[row * dimension + e] ?? 0) * (turn[e * dimension + d] ?? 0);
        }
        anchor[row * stride + d] = goal;
      }
    }
  });
}

/** The orthogonal R that brings goals · R nearest to the vectors: the polar factor of goalsᵀ · vectors (Schönemann 1966). */
function turnToward(goals: Float32Array, vectors: Float32Array, dimension: number, stride: number): Float64Array {
  const products = new Float64Array(dimension * dimension);
  for (let row = 0; row * dimension < goals.length; row++) {
    for (let i = 0; i < dimension; i++) {
      const goal = goals[row * dimension + i] ?? 0;
      for (let j = 0; j < dimension; j++) {
        products[i * dimension + j] = (products[i * dimension + j] ?? 0) + goal * (vectors[row * stride + j] ?? 0);
      }
    }
  }
  return orthogonalFactor(products, dimension);
}
