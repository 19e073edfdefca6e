/** Which options mattered: the share of the variance between trials that each option explains. ω², Hays 1963. */
import type { Setting } from './tune-space.js';

/** An option and what it explains. */
export interface Effect {
  readonly option: string;
  /**
   * share of the variance of scores between trials, 0 … 1, corrected for what chance explains; of trials of one model
   * for all options but `model`
   */
  readonly explained: number;
}

/** Fewest trials from which a share can be told. */
const leastTrials = 8;

/**
 * Shares of the variance that options explain, largest first.
 *
 * ω² = (between − (groups − 1) × within) / (total + within), with `within` the mean square inside groups. An option's
 * groups are its values, in at most three groups of about equal size; scores are first freed of the model's mean.
 * Options change together in a search, so shares need not add up to 1.
 *
 * @param trials - trials of one size, so that their scores can be compared
 * @returns options with at least two values in eight trials or more; negative shares are 0
 */
export function optionEffects(trials: readonly { readonly setting: Setting; readonly score: number }[]): Effect[] {
  const whole = trials.filter(({ score }) => Number.isFinite(score));
  if (whole.length < leastTrials) return [];
  const modelOf = (setting: Setting) => String(setting.model);
  const means = new Map<string, number>();
  for (const model of new Set(whole.map(({ setting }) => modelOf(setting)))) {
    const scores = whole.filter(({ setting }) => modelOf(setting) === model).map(({ score }) => score);
    means.set(model, scores.reduce((a, b) => a + b, 0) / scores.length);
  }
  const names = new Set(whole.flatMap(({ setting }) => Object.keys(setting)));
  const effects: Effect[] = [];
  for (const option of names) {
    const seen = whole.flatMap(({ setting, score }) => {
      const value = new Map<string, unknown>(Object.entries(setting)).get(option);
      const free = option === 'model' ? score : score - (means.get(modelOf(setting)) ?? 0);
      return value === undefined ? [] : [{ value, score: free }];
    });
    if (seen.length < leastTrials) continue;
    const groups = grouped(seen);
    if (groups.length > 1) effects.push({ option, explained: Math.max(0, omegaSquared(groups)) });
  }
  return effects.sort((a, b) => b.explained - a.explained || (a.option < b.option ? -1 : 1));
}

function grouped(seen: readonly { readonly value: unknown; readonly score: number }[]): number[][] {
  const isNumber = seen.every(({ value }) => typeof value === 'number');
  const byValue = new Map<unknown, number[]>();
  const sorted = isNumber ? [...seen].sort((a, b) => Number(a.value) - Number(b.value)) : seen;
  for (const { value, score } of sorted) byValue.set(value, [...(byValue.get(value) ?? []), score]);
  if (!isNumber || byValue.size <= 3) return [...byValue.values()];
  // thirds, without parting equal values
  const thirds: number[][] = [[], [], []];
  let before = 0;
  for (const scores of byValue.values()) {
    const middle = before + scores.length / 2;
    thirds[Math.min(2, Math.floor((3 * middle) / seen.length))]?.push(...scores);
    before += scores.length;
  }
  return thirds.filter(({ length }) => length > 0);
}

function omegaSquared(groups: readonly (readonly number[])[]): number {
  const all = groups.flat();
  const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const square = (value: number) => value * value;
  const mean = meanOf(all);
  const total = all.reduce((sum, value) => sum + square(value - mean), 0);
  const between = groups.reduce((sum, group) => sum + group.length * square(meanOf(group) - mean), 0);
  const freedom = all.length - groups.length;
  const within = freedom <= 0 ? 0 : (total - between) / freedom;
  // what is left of equal scores after a mean is taken off is rounding
  return total < 1e-12 * all.length ? 0 : (between - (groups.length - 1) * within) / (total + within);
}
