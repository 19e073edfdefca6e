/** Purity beside baselines, for people and as JSON. */
import type { PurityBaseline, PurityBeside } from '../../experiments/purity-baselines.js';
import { formatDifference, formatFigure } from './text.js';

const names: Readonly<Record<PurityBaseline, string>> = { coOccurrence: 'co-occurrence', spectral: 'spectral' };

/** Rows of the table of figures. */
export function baselineRows({ scores, differences }: PurityBeside): string[][] {
  return (Object.keys(names) as PurityBaseline[]).map((name) => [
    names[name],
    formatFigure(scores[name].value),
    `the same by that baseline; these vectors ${formatDifference(differences[name])}`,
  ]);
}

/** In words where a baseline is ahead; no line where none is. */
export function describeLoss({ scores, differences, better }: PurityBeside): string[] {
  const [ahead] = better;
  if (ahead === undefined) return [];
  const chance = differences[ahead].high < 0 ? '' : ', a difference that may be chance';
  return [
    `Fewer neighbors share the label than by ${names[ahead]}: ${formatFigure(scores.vectors.value)} against ` +
      `${formatFigure(scores[ahead].value)}${chance}.`,
  ];
}
