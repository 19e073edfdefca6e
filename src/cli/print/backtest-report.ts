/** What `backtest` says at its end: the object of the contract, or a table of rules with their intervals. */
import { mostEaseCategories } from '../../evaluation/ease-ranks.js';
import { baselines, type ScoringRule } from '../../evaluation/next-click.js';
import { rankingMetrics, rankingTitles } from '../../evaluation/ranking-metrics.js';
import type { Backtest } from '../../experiments/backtest.js';
import type { Figure } from '../../numerics/bootstrap.js';
import { timeText } from '../../histories/time-span.js';
import type { Histories } from '../../histories/histories.js';
import { timesJson } from './times-report.js';
import type { Result } from '../command.js';
import {
  countOf,
  formatCount,
  formatDifference,
  formatFigure,
  formatPairs,
  formatShare,
  formatTable,
  indent,
  printable,
} from './text.js';

/**
 * The result of a backtest.
 *
 * @param histories - the whole log
 * @param store - the embedding in which the best rule was noted
 */
export function reportBacktest(
  result: Backtest,
  { timeSpan }: Pick<Histories, 'timeSpan'>,
  store: string | undefined,
): Result {
  const { queries, candidates, best, protocol } = result;
  const json = {
    queries,
    scores: result.scores,
    best,
    differences: result.differences,
    better: result.better,
    withoutVector: result.withoutVector,
    candidates,
    protocol,
    ...(timeSpan === undefined ? {} : { times: timesJson(timeSpan) }),
    ...(result.tiedShare === undefined ? {} : { tiedShare: result.tiedShare }),
    ...(store === undefined ? {} : { out: store }),
  };
  return { json, text: describeBacktest(result, { timeSpan, store }) };
}

const protocols = {
  cut: 'asked for what was clicked after the cut',
  last: 'asked for the last category of each history',
  drawn: 'asked for one drawn category of each history',
} as const;

const ruleNames: Readonly<Record<ScoringRule, string>> = {
  cosine: 'cosine',
  output: 'input · output',
  cosinePopularity: 'cosine × popularity',
  popularity: 'popularity alone',
  coOccurrence: 'co-occurrence',
  itemKnn: 'co-occurrence by 1 / length',
  spectral: 'spectral model',
  ease: 'EASE',
};

function describeBacktest(
  result: Backtest,
  { timeSpan, store }: Pick<Histories, 'timeSpan'> & { readonly store: string | undefined },
): string {
  const { queries, candidates, best, protocol, cutTime, unasked, withoutVector, trained } = result;
  const cut = cutTime === undefined || timeSpan === undefined ? '' : ` at ${timeText(cutTime, timeSpan)}`;
  const about = [
    [
      'questions',
      `${formatCount(queries)} among ${countOf(candidates, 'category', 'categories')}, ${protocols[protocol]}${cut}`,
    ],
    [
      'trained anew',
      `on what came before: ${countOf(trained.clicks, 'click')} by ` +
        `${countOf(trained.histories, 'history', 'histories')} on ` +
        countOf(trained.categories, 'category', 'categories'),
    ],
    ...(unasked === 0
      ? []
      : [['not asked', `${countOf(unasked, 'click')}: repeats, or of histories that began after the cut`] as const]),
    ...(result.tiedShare === undefined || result.tiedShare === 0
      ? []
      : [
          [
            'ties',
            `in ${formatShare(result.tiedShare)} of the histories the last time is that of several ` +
              'categories: the seed chose among them',
          ] as const,
        ]),
    ...(candidates <= mostEaseCategories
      ? []
      : [
          [
            'no EASE',
            `it is made of all pairs of categories, and of ${formatCount(mostEaseCategories)} categories at most`,
          ] as const,
        ]),
    ...(withoutVector === 0 ? [] : [['misses', describeMisses(result)] as const]),
  ] as const;
  const noted = store === undefined ? [] : ['', `${printable(store)} now says that ${best} is its best rule`];
  return [formatPairs(about), '', describeScores(result), '', ...describeLead(result), ...noted].join('\n');
}

/** What categories without a vector cost: no rule of vectors finds them. */
function describeMisses({ withoutVector, queries }: Backtest): string {
  const most = formatFigure(1 - withoutVector / queries, 4);
  return `${countOf(withoutVector, 'question')} of categories without a vector: rules of vectors can find ${most} of all at most`;
}

function describeScores({ scores, best }: Backtest): string {
  const rows = Object.entries(scores).map(([rule, figures]) => [
    rule === best ? '*' : '',
    nameOfRule(rule),
    ...rankingMetrics
      .map((metric) => figures[metric])
      .flatMap(({ value, low, high }) => [formatFigure(value, 4), `${formatFigure(low, 4)}–${formatFigure(high, 4)}`]),
  ]);
  const columns = rankingMetrics
    .map((metric) => rankingTitles[metric])
    .flatMap((title) => [{ title, align: 'right' as const }, { title: '95 %' }]);
  return formatTable([{ title: '' }, { title: 'rule' }, ...columns], rows);
}

/** The best rule beside the baselines, and in words where one of them is ahead. */
function describeLead({ scores, differences, better, best }: Backtest): string[] {
  const leads = baselines.flatMap((rule) => {
    const lead = differences[rule]?.HR10;
    return lead === undefined ? [] : [`${rankingTitles.HR10} ${formatDifference(lead, 4)} against ${ruleNames[rule]}`];
  });
  const [ahead] = better;
  const own = scores[best]?.HR10.value ?? 0;
  const loss =
    ahead === undefined
      ? []
      : [
          '',
          `These vectors find fewer next clicks than ${ruleNames[ahead]}: ${rankingTitles.HR10} ` +
            `${formatFigure(own, 4)} against ` +
            formatFigure(scores[ahead]?.HR10.value ?? 0, 4) +
            (isCertain(differences[ahead]?.HR10) ? '.' : ', a difference that may be chance.'),
        ];
  return [
    `* best on the other half of the users: ${nameOfRule(best)}; on this half, paired:`,
    indent(leads.join('\n')),
    ...loss,
  ];
}

function isCertain(difference: Figure | undefined): boolean {
  return difference !== undefined && difference.high < 0;
}

/** How a scoring rule or baseline is called in tables; its own name where it is none of them. */
export function nameOfRule(rule: string): string {
  return new Map<string, string>(Object.entries(ruleNames)).get(rule) ?? rule;
}
