/** Purity beside baselines, for people and as JSON. */
import type { PurityBaseline, PurityBeside } from '../../experiments/purity-baselines.js';
import type { Figure } from '../../numerics/bootstrap.js';
import { formatFigure } from './text.js';

const names: Readonly<Record<PurityBaseline, string>> = { coOccurrence: 'co-occurrence', spectral: 'spectral' };

/** Rows of the table of figures. */
export function baselineRows({ scores, differences }: PurityBeside): string[][] {
  return (Object.keys(names) as PurityBaseline[]).map((name) => [
    names[name],
    formatFigure(scores[name].value),
    `the same by that baseline; these vectors ${signed(differences[name])}`,
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

/** As `evaluate --json` has it. */
export function baselinesJson({ scores, differences, better }: PurityBeside) {
  return {
    scores: {
      vectors: { ...scores.vectors },
      coOccurrence: { ...scores.coOccurrence },
      spectral: { ...scores.spectral },
    },
    differences: { coOccurrence: { ...differences.coOccurrence }, spectral: { ...differences.spectral } },
    better: [...better],
  };
}

function signed({ value, low, high }: Figure): string {
  const sign = (figure: number) => `${figure < 0 ? '−' : '+'}${formatFigure(Math.abs(figure))}`;
  return `${sign(value)} (${sign(low)} to ${sign(high)})`;
}
