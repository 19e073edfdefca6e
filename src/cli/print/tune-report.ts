/** What `tune` says at its end: the object of the contract, or the choice beside the default and the baselines. */
import { rankingTitles } from '../../evaluation/ranking-metrics.js';
import type { Tuned, TuneTrial } from '../../experiments/tune.js';
import type { Setting } from '../../experiments/tune-space.js';
import type { TimeSpan } from '../../histories/time-span.js';
import type { Figure } from '../../numerics/bootstrap.js';
import type { Result } from '../command.js';
import { flagOf } from '../flags/flags.js';
import { nameOfRule } from './backtest-report.js';
import { timesJson } from './times-report.js';
import { countOf, formatDifference, formatFigure, formatShare, formatTable, indent, printable } from './text.js';

const metricNames = { ...rankingTitles, purity: 'purity@10' } as const;

/** Effects below this are left out of the text. */
const leastEffect = 0.05;

/** The result of a search; `out` where the choice was trained and written. */
export function reportTuning(
  tuned: Tuned,
  {
    out,
    next,
    attribute,
    times,
  }: {
    readonly out?: string;
    readonly next: Result['next'] & object;
    readonly attribute?: string | undefined;
    readonly times?: TimeSpan | undefined;
  },
): Result {
  const { best, trials, test, effects, metric } = tuned;
  const { chosen, default: reference, difference, measured, baselines } = test;
  const json = {
    ...(out === undefined ? {} : { out }),
    metric,
    ...(attribute === undefined ? {} : { attribute }),
    ...(times === undefined ? {} : { times: timesJson(times) }),
    best: trialJson({ ...best, share: 1 }),
    trials: trials.map(trialJson),
    test: { measured, chosen, default: reference, difference },
    baselines,
    effects,
  };
  return { json, text: describe(tuned, { out, attribute }), next };
}

function trialJson({ setting, share, score, rule }: TuneTrial) {
  return { options: setting, share, score, rule };
}

function describe(
  { metric, best, trials, test, effects }: Tuned,
  { out, attribute }: { readonly out: string | undefined; readonly attribute: string | undefined },
): string {
  const name = `${metricNames[metric]}${attribute === undefined ? '' : ` of ${printable(attribute)}`}`;
  const rows = [
    ['chosen', ...figureCells(test.chosen), ''],
    ['default', ...figureCells(test.default), formatDifference(test.difference, 4)],
    ...Object.entries(test.baselines).map(([baseline, { score, difference }]) => [
      nameOfRule(baseline),
      ...figureCells(score),
      formatDifference(difference, 4),
    ]),
  ];
  const columns = [
    { title: '' },
    { title: name, align: 'right' as const },
    { title: '95 %' },
    { title: 'chosen is ahead by' },
  ];
  const asked =
    metric === 'purity' ? countOf(test.measured, 'category', 'categories') : countOf(test.measured, 'question');
  const failed = trials.filter(({ score }) => score === null).length;
  const mattered = effects.filter(({ explained }) => explained >= leastEffect);
  return [
    `${countOf(trials.length, 'trial')}${failed === 0 ? '' : `, of which ${failed} failed`}; chosen on the ` +
      `validation part (${name} ${formatFigure(best.score, 4)}), measured on the test part (${asked}):`,
    '',
    formatTable(columns, rows),
    '',
    `chosen: ${describeSetting(best.setting)}`,
    ...(mattered.length === 0
      ? []
      : [
          '',
          'What mattered, as the share of the difference between trials:',
          indent(mattered.map(({ option, explained }) => `${formatShare(explained)}  ${flagOf(option)}`).join('\n')),
        ]),
    ...(test.difference.low > 0 ? [] : ['', 'The choice is not better than the default beyond chance.']),
    ...(out === undefined ? [] : ['', `${printable(out)} holds it, trained on the whole log`]),
  ].join('\n');
}

function describeSetting(setting: Setting): string {
  const words = Object.entries(setting).map(([option, value]) =>
    value === true ? flagOf(option) : `${flagOf(option)} ${String(value)}`,
  );
  return words.length === 0 ? 'the default' : words.join(' ');
}

function figureCells({ value, low, high }: Figure): string[] {
  return [formatFigure(value, 4), `${formatFigure(low, 4)}–${formatFigure(high, 4)}`];
}
