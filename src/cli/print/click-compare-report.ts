/** A comparison of transfers as one table for people. */
import type { Comparison, ComparisonSummary, TransferChoice, ValidationLead } from '../../experiments/comparison.js';
import { formatFigure, formatSeconds, formatShare, formatTable, indent, printable, formatInterval } from './text.js';

/** The table, which transfer was chosen, and where the files are. */
export function describeComparison(comparison: Comparison, out: string | undefined): string {
  const { rows, summary, chosen, oracle } = comparison;
  const questions = [...new Set(rows.flatMap(({ purity }) => Object.keys(purity)))];
  const columns = [
    { title: 'labels', align: 'right' as const },
    { title: 'model' },
    { title: 'AUC' },
    { title: 'over scratch' },
    { title: 'log loss', align: 'right' as const },
    ...questions.map((title) => ({ title, align: 'right' as const })),
    { title: 'time', align: 'right' as const },
  ];
  const cells = summary.map((line) => [
    formatShare(line.fraction),
    line.transfer,
    formatInterval(line.auc),
    line.aucOverScratch === null ? '' : formatInterval(line.aucOverScratch),
    formatFigure(line.logLoss.value, 4),
    ...questions.map((question) => meanOf(comparison, line, ({ purity }) => purity[question])),
    formatSeconds(Number(mean(comparison, line, ({ seconds }) => seconds ?? undefined)?.toFixed(3))),
  ]);
  const choices = chosen.map(describeChoice);
  return [
    indent(formatTable(columns, cells)),
    '',
    ...choices,
    ...(oracle === null
      ? []
      : [`Best possible: AUC ${formatFigure(oracle.auc)}, log loss ${formatFigure(oracle.logLoss, 4)}.`]),
    'In brackets: 95 % intervals over users, paired where models are compared. Words in the head are label ' +
      'purities of the table.',
    ...(chosen.length === 0
      ? []
      : [
          'Of the transfers within one standard error (±) of the lowest log loss on validation, the first of ' +
            'features, init, soft, hard is chosen.',
        ]),
    ...(out === undefined ? [] : [`Written: ${printable(out)}/comparison.json, ${printable(out)}/curves.svg`]),
  ].join('\n');
}

/** What validation chooses, beside the next transfer and the best baseline. */
function describeChoice({ fraction, transfer, gapClosed, nextTransfer, bestBaseline }: TransferChoice): string {
  const beside = [nextTransfer, bestBaseline].flatMap((other) => (other === null ? [] : [describeLead(other)]));
  const lead = beside.length === 0 ? '' : `: log loss ${beside.join(', ')}`;
  const closed =
    gapClosed === null ? '' : `; it goes ${formatShare(gapClosed)} of the way from scratch to the best possible`;
  return `At ${formatShare(fraction)} of the labels, validation chooses ${transfer}${lead}${closed}.`;
}

function describeLead({ transfer, logLoss, standardError }: ValidationLead): string {
  const side = logLoss < 0 ? 'above' : 'below';
  return `${formatFigure(Math.abs(logLoss), 4)} ± ${formatFigure(standardError, 4)} ${side} ${transfer}`;
}

type Row = Comparison['rows'][number];

function mean(
  { rows }: Comparison,
  { transfer, fraction }: ComparisonSummary,
  value: (row: Row) => number | undefined,
) {
  const own = rows.filter((row) => row.transfer === transfer && row.fraction === fraction);
  const values = own.map(value).filter((each) => each !== undefined);
  return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length;
}

function meanOf(comparison: Comparison, line: ComparisonSummary, value: (row: Row) => number | undefined): string {
  const found = mean(comparison, line, value);
  return found === undefined ? '' : formatFigure(found);
}
