/** `click evaluate`: how good a click model's probabilities are, on impressions with labels. */
import { clickMetrics, type ClickMetrics, type ProbabilityReport } from '../../click-network/click-metrics.js';
import { FarNumbers } from '../../click-model/far-numbers.js';
import { warnOfFewRows } from '../print/few-questions.js';
import { encodeImpressions, rareRows } from '../../click-model/encode.js';
import type { SavedClickModel } from '../../click-model/model-description.js';
import { predictEncoded } from '../../click-network/predict-clicks.js';
import { nameOfSource } from '../../duckdb/sources/event-source.js';
import { timeFlags } from '../flags/times.js';
import { emptyColumns, warnOfEmptyColumns } from '../print/empty-columns.js';
import { impressionTimesJson, noteTimes } from '../print/times-report.js';
import { readClickModel } from '../../duckdb/tables/click-model-folder.js';
import { readImpressionsForWith } from '../../duckdb/impressions/read-impressions-for.js';
import { timeText } from '../../histories/time-span.js';
import type { Impressions } from '../../impressions/impressions.js';
import type { Figure } from '../../numerics/bootstrap.js';
import { shareSeen } from '../../click-model/seen-rows.js';
import type { Progress } from '../print/progress.js';
import type { Call } from '../action.js';
import { clickEvaluateExample } from './click-examples.js';
import {
  historyFlags,
  impressionArgument,
  impressionSource,
  lacksOfImpressions,
} from '../flags/click-impression-flags.js';
import { describeFilled, fillFromFlags, fillingFlags } from '../flags/click-filling.js';
import { knownTableOptions } from '../flags/click-tables.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import type { FlagGroups, FlagsOf } from '../flags/flag-table.js';
import {
  formatCount,
  formatFigure,
  formatShare,
  formatTable,
  indent,
  printable,
  formatInterval,
} from '../print/text.js';
import { sourceFlags } from '../flags/source-flags.js';

const flagGroups = {
  Histories: historyFlags,
  Embeddings: fillingFlags,
  Reading: { ...timeFlags, ...sourceFlags },
} as const satisfies FlagGroups;

type ClickEvaluateFlags = FlagsOf<typeof flagGroups>;

/** Reads a model and labeled impressions, predicts and measures. */
export const command = defineCommand({
  arguments: [
    { name: 'model', help: 'folder of a click model' },
    impressionArgument('labeled impressions that it was not trained on'),
  ],
  options: flagGroups,
  examples: [clickEvaluateExample],
  lacks: (asked) => [lacksOfImpressions(asked, 1)],
  act: evaluate,
});

async function evaluate({ args, flags, progress, streams }: Call<ClickEvaluateFlags>): Promise<Result> {
  const [folder = '', ...files] = args;
  const filling = await fillFromFlags(await readClickModel(folder), flags);
  const { model } = filling;
  const source = impressionSource(files, flags);
  progress.update('reading', { share: 0 });
  const { onKeys, onNote } = progress;
  const hooks = { onKeys, onNote, signal: streams.signal };
  const impressions = await readImpressionsForWith(model, source, {
    ...knownTableOptions(flags),
    ...hooks,
    isLabeled: true,
  });
  filling.count(impressions);
  const rows = encodeImpressions(impressions, model.encoder, {}, { onKeys });
  tellSeen(progress, nameOfSource(source), model, impressions);
  noteTimes(progress, nameOfSource(source), impressions);
  warnOfEmptyColumns(progress, nameOfSource(source), emptyColumns(impressions));
  progress.update('predicting', { share: 0 });
  const probabilities = await predictEncoded(model.network, rows);
  const { labels = new Uint8Array(), weights, users } = impressions;
  const { candidate, trainingRate } = model.provenance;
  progress.update('measuring', { share: 0 });
  const metrics = clickMetrics(labels, probabilities, {
    weights,
    users,
    trainingRate,
    rare: candidate === undefined ? undefined : rareRows(impressions, model.encoder, { column: candidate }),
  });
  const gap = trainTestGap(model, metrics);
  const far = new FarNumbers(model.encoder);
  far.add(impressions);
  far.notes().forEach(progress.warnAtEnd);
  warnOfFewRows(progress, metrics);
  return {
    json: {
      ...toJson(metrics, gap),
      ...(flags.embedding === undefined ? {} : { filled: filling.counts() }),
      ...impressionTimesJson(impressions),
    },
    text: [describe(folder, metrics, gap), ...describeFilled(filling.counts()).map(indent)].join('\n'),
    next: [['click', 'predict', folder, ...files, ...logsOf(flags), '--out', 'predictions.csv']],
  };
}

function logsOf({ historyFrom = [] }: ClickEvaluateFlags): string[] {
  return historyFrom.flatMap((log) => ['--history-from', log]);
}

/** A score on training rows looks like one on new rows, and is better; rows of the same time may be among them. */
function tellSeen(progress: Progress, name: string, model: SavedClickModel, impressions: Impressions): void {
  const share = shareSeen(model, impressions);
  if (share > 0) {
    progress.warn(
      `the model was trained on ${share < 0.995 ? `${formatShare(share)} of ` : ''}the rows of ${name}, so these figures are ` +
        'better than on new rows: train with --write-splits parts, and evaluate on parts/test.parquet',
    );
    return;
  }
  const { maxTime, split } = model.provenance;
  const { times, count, timeSpan } = impressions;
  if (maxTime === undefined || times === undefined || timeSpan === undefined || split?.by !== 'time') return;
  const earlier = times.reduce((sum, time) => sum + (time <= maxTime ? 1 : 0), 0);
  if (earlier === 0) return;
  progress.note(
    `${formatShare(earlier / count)} of the rows are no later than ${timeText(maxTime, timeSpan)}, up to which the ` +
      'model was made: it may know them',
  );
}

/**
 * Log loss here less that of the rows that training ended on: what was learned by heart. Undefined where training did
 * not say.
 */
function trainTestGap({ provenance }: SavedClickModel, { logLoss }: ClickMetrics): number | undefined {
  const training = provenance.measures?.trainingLogLoss;
  return training === undefined ? undefined : logLoss.value - training;
}

function toJson({ rare, ...metrics }: ClickMetrics, gap: number | undefined) {
  return {
    ...reportJson(metrics),
    calibrationBins: metrics.calibrationBins,
    trainTestGap: gap ?? null,
    rare: rare === null ? null : 'auc' in rare ? reportJson(rare) : { rows: rare.rows },
  };
}

function reportJson(report: ProbabilityReport) {
  const entries = Object.entries(report).filter(([name]) => name !== 'clicks' && name !== 'calibrationBins');
  return Object.fromEntries(entries);
}

function describe(folder: string, metrics: ClickMetrics, gap: number | undefined): string {
  const { rare, rows, clicks } = metrics;
  const hasRare = rare !== null && 'auc' in rare;
  const line = (title: string, get: (report: ProbabilityReport) => Figure | null): string[] => [
    title,
    formatInterval(get(metrics)),
    ...(hasRare ? [formatInterval(get(rare))] : []),
  ];
  const table = formatTable(
    [
      { title: '' },
      { title: 'all rows' },
      ...(hasRare ? [{ title: `${formatCount(rare.rows)} of rare candidates` }] : []),
    ],
    [
      line('AUC', ({ auc }) => auc),
      line('AUC within users', ({ userAuc }) => userAuc),
      line('precision–recall AUC', ({ prAuc }) => prAuc),
      line('log loss', ({ logLoss }) => logLoss),
      line('normalized entropy', ({ normalizedEntropy }) => normalizedEntropy),
      line('calibration', ({ calibration }) => calibration),
      line('calibration error', ({ calibrationError }) => calibrationError),
    ],
  );
  return [
    `${printable(folder)}: ${formatCount(rows)} impressions, ${formatShare(clicks / rows)} clicked`,
    indent(table),
    ...(gap === undefined
      ? []
      : [`Log loss is ${formatFigure(Math.abs(gap), 4)} ${gap < 0 ? 'below' : 'above'} that of the training rows.`]),
    'In brackets: 95 % intervals over users. Calibration is observed ÷ expected clicks.',
  ].join('\n');
}
