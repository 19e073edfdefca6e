/** `fill`: vectors for categories that the log did not hold, from their attributes. */
import { InputError } from '../../checks.js';
import { writeEmbedding } from '../../duckdb/tables/embedding-file.js';
import { rankingTitles } from '../../evaluation/ranking-metrics.js';
import { fillCategories, type Filled, fillingOptions } from '../../lifecycle/fill-categories.js';
import type { MeasuredShrinking } from '../../lifecycle/thinned-trial.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { embeddingLogFlags, readLogOfEmbedding } from '../flags/embedding-log.js';
import { withoutFlags } from '../flags/flag-table.js';
import { checkEmbeddingPath, embeddingFile } from '../flags/output-path.js';
import { embeddingNext } from '../print/next-steps.js';
import { readToldEmbedding } from '../print/odd-vectors.js';
import { countOf, formatCount, formatFigure, formatTable, indent, printable } from '../print/text.js';

/** Reads an embedding and a table of attributes, and writes the embedding with the categories that it lacked. */
export const command = defineCommand({
  arguments: [{ name: 'embedding', help: 'embedding file' }],
  options: {
    Attributes: attributeFlags,
    Options: {
      separator: {
        kind: 'text',
        value: 'text',
        isCommon: true,
        help: 'splits a value into several, as in Crime|Drama [|]',
      },
      rare: { ...fillingOptions.rare, isCommon: true },
      priorClicks: fillingOptions.priorClicks,
      judge: { kind: 'text', value: 'attribute', isCommon: true, help: 'attribute to measure purity by [the first]' },
      seed: fillingOptions.seed,
    },
    'What shrinking is worth': {
      log: {
        kind: 'file',
        isCommon: true,
        help: 'log of the embedding: measure shrinking on it, by a second training',
      },
      ...withoutFlags(embeddingLogFlags, 'extensionFolder', 'installExtensions'),
      threads: { kind: 'integer', min: 0, max: 256, default: 0, help: 'worker threads; 0 takes all cores' },
    },
    Output: { out: embeddingFile },
  },
  examples: [
    'category2vec fill advertisers.parquet --attributes world/advertisers.csv --key advertiser --out filled.parquet',
  ],
  act: async ({ args: [path = ''], flags, progress, streams: { signal } }) => {
    const out = await checkEmbeddingPath(flags.out, [path, flags.attributes, flags.log]);
    const table = await readAttributeFlags(flags, { progress, signal });
    if (table === undefined)
      throw new InputError('--attributes must name the table of the categories to fill, got nothing');
    const embedding = await readToldEmbedding(path, progress);
    const { separator, rare, priorClicks, judge, seed } = flags;
    if (judge !== undefined && !table.has(judge)) {
      throw new InputError(`--judge must be a column of --attributes, got ${JSON.stringify(judge)}`);
    }
    const log =
      flags.log === undefined ? undefined : await readLogOfEmbedding(flags.log, embedding, { flags, progress, signal });
    const filled = await fillCategories(
      embedding,
      table,
      { separator, rare, priorClicks, judge, seed, log, training: { threads: flags.threads ?? 0 } },
      { ...joinHooks(flags, progress), signal, onProgress: ({ stage, share }) => progress.update(stage, { share }) },
    );
    await writeEmbedding(out, filled.embedding, {}, { signal });
    return {
      json: {
        out,
        rungs: filled.rungs,
        lambda: filled.lambda,
        hidden: filled.hidden,
        ...(filled.shrinking === null ? {} : { shrinking: filled.shrinking }),
      },
      text: describeFilled(out, filled),
      next: embeddingNext(out, filled.embedding),
    };
  },
});

function figureOrNone(value: number | null): string {
  return value === null ? '–' : formatFigure(value);
}

function describeFilled(out: string, { embedding, rungs, hidden, lambda, shrinking }: Filled): string {
  const table = formatTable(
    [
      { title: 'origin' },
      { title: 'categories', align: 'right' },
      { title: 'cosine', align: 'right' },
      { title: 'purity@10', align: 'right' },
      { title: rankingTitles.HR10, align: 'right' },
    ],
    rungs.map(({ origin, count, cosine, purity, hitRate }) => [
      origin,
      formatCount(count),
      ...[cosine, purity, hitRate].map(figureOrNone),
    ]),
  );
  return [
    `${printable(out)}: ${countOf(embedding.vocabulary.size, 'category', 'categories')}`,
    indent(table),
    indent(`figures: ${formatCount(hidden)} known categories, hidden and guessed again; ridge strength ${lambda}`),
    ...(shrinking === null ? [] : [indent(describeShrinking(shrinking))]),
  ].join('\n');
}

function describeShrinking({ categories, least, learned, others }: MeasuredShrinking): string {
  const { cosine, purity, hitRate } = learned;
  return [
    `shrunk: ${countOf(categories, 'category', 'categories')} of ${least} clicks and more that were left a few of them;`,
    `as learned from these: cosine ${formatFigure(cosine)}, purity@10 ${figureOrNone(purity)},`,
    `${rankingTitles.HR10} ${formatFigure(hitRate)}; others of as many clicks: cosine ${figureOrNone(others)}`,
  ].join(' ');
}
