/** `evaluate`: whether the neighbors of a category share its attributes, against chance. */
import { InputError } from '../../checks.js';
import { readToldEmbedding } from '../print/odd-vectors.js';
import { unmatchedKeys, withAttributes } from '../../embedding/join-attributes.js';
import { labelPurity, purityOptions, type LabelPurity, type MeasureHooks } from '../../evaluation/label-purity.js';
import { purityBaselines, type PurityBeside } from '../../experiments/purity-baselines.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { embeddingLogFlags, readLogOfEmbedding } from '../flags/embedding-log.js';
import { drawNext } from '../print/next-steps.js';
import type { Progress } from '../print/progress.js';
import { baselineRows, describeLoss } from '../print/purity-baselines.js';
import { countOf, formatCount, formatFigure, formatShare, formatTable, indent, printable } from '../print/text.js';
import { timesJson } from '../print/times-report.js';

/** Reads an embedding and measures label purity for every attribute that is named. */
export const command = defineCommand({
  arguments: [{ name: 'embedding', help: 'embedding file' }],
  options: {
    Options: {
      attribute: {
        kind: 'list',
        isNames: true,
        value: 'name',
        help: 'attribute to judge by (a,b; repeatable) [default all]',
      },
      within: { kind: 'text', value: 'attribute', help: 'neighbors only among categories with the same value' },
      ...purityOptions,
      separator: { kind: 'text', help: 'splits a label into several, such as | in Crime|Drama' },
      suspects: { kind: 'integer', min: 0, default: 20, value: 'count', help: 'maximum mislabeled suspects to list' },
      null: {
        kind: 'integer',
        min: 0,
        max: 100_000,
        default: 100,
        value: 'count',
        help: 'label permutations to compare with; 0 for none',
      },
      seed: { kind: 'integer', min: 0, default: 1, help: 'of permutations and samples' },
    },
    Attributes: attributeFlags,
    Baselines: {
      log: { kind: 'text', value: 'log', help: 'log of the embedding: purity of two baselines beside it' },
      ...embeddingLogFlags,
    },
  },
  examples: [
    'category2vec evaluate advertisers.parquet --attribute language',
    'category2vec evaluate advertisers.parquet --attribute topic --within language -k 5 --json',
    'category2vec evaluate advertisers.parquet --attribute language --log world/clicks.parquet',
    'category2vec evaluate advertisers.parquet --attributes world/advertisers.csv --key advertiser --attribute language,topic',
  ],
  act: async ({ args: [path = ''], flags, progress, streams: { signal } }) => {
    const table = await readAttributeFlags(flags, { progress, signal });
    const read = await readToldEmbedding(path, progress);
    const embedding = table === undefined ? read : withAttributes(read, table, joinHooks(flags, progress));
    const { within, k, separator, suspects, null: permutations, seed } = flags;
    const named = flags.attribute;
    const names = named ?? [...embedding.attributes.keys()].filter((name) => name !== within);
    if (names.length === 0) throw noAttributes(path);
    const histories =
      flags.log === undefined ? undefined : await readLogOfEmbedding(flags.log, embedding, { flags, progress, signal });
    const results: Judged[] = [];
    for (const attribute of names) {
      const options = { attribute, within, k, separator, suspects, permutations, seed };
      const measured = labelPurity(embedding, options, hooks(attribute, progress, signal));
      const mayBePassedOver = named === undefined && names.length > 1;
      const result = await (mayBePassedOver ? orWarning(measured, progress) : measured);
      if (result === undefined) continue;
      const labels = { attribute, within, k, separator, seed };
      const beside =
        histories &&
        (await purityBaselines({ embedding, histories }, labels, {
          ...hooks(attribute, progress, signal),
          // the join is the same for every attribute
          onKeys: results.length === 0 ? progress.onKeys : undefined,
        }));
      results.push({ ...result, beside });
    }
    for (const { note } of results) if (note !== undefined) progress.warnAtEnd(note);
    const missing = (attribute: string) =>
      table === undefined ? 0 : unmatchedKeys(embedding.vocabulary, table, attribute);
    const objects = results.map((result) => toJson(result, missing(result.attribute)));
    const [only] = objects;
    const times = histories?.timeSpan === undefined ? {} : { times: timesJson(histories.timeSpan) };
    return {
      json: { ...(objects.length === 1 && only !== undefined ? only : { evaluations: objects }), ...times },
      text: results.map((result) => describePurity(result, missing(result.attribute))).join('\n\n'),
      next: drawNext(path, embedding),
    };
  },
});

/** An attribute's purity, and that of the baselines where the log was given. */
interface Judged extends LabelPurity {
  readonly beside: PurityBeside | undefined;
}

/** An attribute that nobody named and that cannot be measured is passed over, and that is said. */
async function orWarning<Value>(measured: Promise<Value>, progress: Progress): Promise<Value | undefined> {
  try {
    return await measured;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    progress.warn(error.message);
    return undefined;
  }
}

function hooks(attribute: string, progress: Progress, signal: AbortSignal): MeasureHooks {
  return { signal, onProgress: ({ share }) => progress.update(`measuring ${attribute}`, { share }) };
}

function noAttributes(path: string): InputError {
  return new InputError(
    `evaluate needs an attribute to judge by, and ${path} holds none; join some with --attributes FILE --key ` +
      'COLUMN, or look at it with explore, map or report',
  );
}

function toJson(result: Judged, withoutVector: number) {
  const { attribute, within, k, purity, chance, ceiling, adjusted, labeled, silhouette, beside, ...rest } = result;
  return {
    attribute,
    ...(within === undefined ? {} : { within }),
    k,
    purity,
    chance,
    ceiling,
    adjusted,
    labeled,
    withoutVector,
    silhouette,
    values: rest.values,
    bands: rest.bands,
    null: rest.null ?? null,
    suspects: rest.suspects,
    baselines: beside,
  };
}

function describePurity(result: Judged, withoutVector: number): string {
  const { attribute, within, k, labeled, values, leftOut } = result;
  const name = within === undefined ? attribute : `${attribute} within ${within}`;
  const left = leftOut === 0 ? '' : `; ${formatCount(leftOut)} left out, as their group has ${k} members or fewer`;
  const missing = withoutVector === 0 ? '' : `; ${formatCount(withoutVector)} more of the table have no vector`;
  const sections = [
    `${printable(name)}: ${countOf(labeled, 'labeled category', 'labeled categories')}, ` +
      `${countOf(values.length, 'value')}${left}${missing}`,
    describeFigures(result),
    ...(result.beside === undefined ? [] : describeLoss(result.beside)),
    describeValues(result),
    describeBands(result),
  ];
  if (result.suspects.length > 0) sections.push(describeSuspects(result));
  return sections.map((section, i) => (i === 0 ? section : indent(section))).join('\n\n');
}

function describeFigures(result: Judged): string {
  const { purity, chance, ceiling, adjusted, silhouette, null: permuted, k } = result;
  const rows = [
    [`purity@${k}`, formatFigure(purity), 'share of the nearest that have the same label'],
    ['chance', formatFigure(chance), 'what random neighbors would give'],
    ['ceiling', formatFigure(ceiling), 'what perfect neighbors would give'],
    ['adjusted', formatFigure(adjusted), '0 by chance, 1 at the ceiling'],
  ];
  if (permuted !== undefined) {
    const interval = `${formatFigure(permuted.low)} to ${formatFigure(permuted.high)}`;
    rows.push(['null', formatFigure(permuted.mean), `labels permuted among equally frequent categories: ${interval}`]);
  }
  if (silhouette !== null)
    rows.push(['silhouette', formatFigure(silhouette), '1 where labels stand apart, 0 where they do not']);
  if (result.beside !== undefined) rows.push(...baselineRows(result.beside));
  return formatTable([{ title: '' }, { title: '', align: 'right' }, { title: '' }], rows);
}

const shownValues = 15;

function describeValues({ attribute, values }: LabelPurity): string {
  const table = formatTable(
    [
      { title: printable(attribute) },
      { title: 'categories', align: 'right' },
      { title: 'purity', align: 'right' },
      { title: 'chance', align: 'right' },
    ],
    values
      .slice(0, shownValues)
      .map(({ value, count, purity, chance }) => [
        printable(value),
        formatCount(count),
        formatFigure(purity),
        formatFigure(chance),
      ]),
  );
  return values.length > shownValues
    ? `${table}\n… and ${formatCount(values.length - shownValues)} more (--json has all)`
    : table;
}

function describeBands({ bands }: LabelPurity): string {
  return formatTable(
    [
      { title: 'clicks (tenths)' },
      { title: 'categories', align: 'right' },
      { title: 'purity', align: 'right' },
      { title: 'chance', align: 'right' },
    ],
    bands.map(({ minCount, maxCount, categories, purity, chance }) => [
      minCount === maxCount ? formatCount(minCount) : `${formatCount(minCount)} to ${formatCount(maxCount)}`,
      formatCount(categories),
      formatFigure(purity),
      formatFigure(chance),
    ]),
  );
}

function describeSuspects({ suspects }: LabelPurity): string {
  return formatTable(
    [
      { title: 'suspect' },
      { title: 'clicks', align: 'right' },
      { title: 'its label' },
      { title: 'shared by', align: 'right' },
      { title: 'neighbors say' },
      { title: '', align: 'right' },
    ],
    suspects.map(({ category, count, label, agreement, neighborsSay, share }) => [
      printable(category),
      formatCount(count),
      printable(label),
      formatShare(agreement),
      printable(neighborsSay),
      formatShare(share),
    ]),
  );
}
