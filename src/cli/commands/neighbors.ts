/** `neighbors`: what is most like a category. */
import { readToldEmbedding } from '../print/odd-vectors.js';
import { withAttributes } from '../../embedding/join-attributes.js';
import { chanceOfCategory } from '../../embedding/confidence.js';
import type { Neighbor } from '../../embedding/nearest.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { drawNext } from '../print/next-steps.js';
import { formatConfidence, formatCount, formatFigure, formatTable, indent, printable } from '../print/text.js';

/** Reads an embedding and lists the neighbors of every category that is named. */
export const command = defineCommand({
  arguments: [
    { name: 'embedding', help: 'embedding file' },
    { name: 'categories...', help: 'one category or several, each asked for itself' },
  ],
  options: {
    Options: {
      k: { kind: 'integer', min: 1, default: 10, value: 'count', help: 'how many neighbors' },
      within: { kind: 'text', value: 'attribute', help: 'only categories that share the value of this attribute' },
    },
    Attributes: attributeFlags,
  },
  examples: [
    'category2vec neighbors advertisers.parquet ruhiostu.com -k 10',
    'category2vec neighbors advertisers.parquet ruhiostu.com "bahor.com" --within language --json',
  ],
  act: async ({ args: [path = '', ...categories], flags, progress, streams: { signal } }) => {
    const { k, within } = flags;
    const table = await readAttributeFlags(flags, { progress, signal });
    const read = await readToldEmbedding(path, progress);
    const embedding = table === undefined ? read : withAttributes(read, table, joinHooks(flags, progress));
    const among = within === undefined ? {} : { within: { attribute: within } };
    const queries = categories.map((category) => ({
      category,
      neighbors: embedding.nearest(category, k, among),
      chance: chanceOfCategory(embedding, category, among),
    }));
    const answers = queries.map(({ category, neighbors, chance }) => ({
      category,
      neighbors: neighbors.map(flatNeighbor),
      ...(chance === undefined ? {} : { chance }),
    }));
    const [only] = answers;
    return {
      json: answers.length === 1 && only !== undefined ? only : { queries: answers },
      text: queries.map((query) => describeNeighbors(query)).join('\n\n'),
      next: drawNext(path, embedding),
    };
  },
});

function flatNeighbor({ category, similarity, count, confidence, attributes }: Neighbor) {
  return { category, similarity, count, ...(confidence === undefined ? {} : { confidence }), ...attributes };
}

function describeNeighbors({
  category,
  neighbors,
  chance,
}: {
  readonly category: string;
  readonly neighbors: readonly Neighbor[];
  readonly chance: number | undefined;
}): string {
  if (neighbors.length === 0) return `${printable(category)} has no neighbors here`;
  const attributes = Object.keys(neighbors[0]?.attributes ?? {});
  const isMeasured = chance !== undefined;
  const table = formatTable(
    [
      { title: 'similarity', align: 'right' },
      ...(isMeasured ? [{ title: 'confidence', align: 'right' } as const] : []),
      { title: 'category' },
      { title: 'clicks', align: 'right' },
      ...attributes.map((title) => ({ title: printable(title) })),
    ],
    [
      ...neighbors.map((neighbor) => [
        formatFigure(neighbor.similarity),
        ...(isMeasured ? [formatConfidence(neighbor.confidence)] : []),
        printable(neighbor.category),
        formatCount(neighbor.count),
        ...attributes.map((name) => printable(String(neighbor.attributes[name] ?? ''))),
      ]),
      ...(isMeasured
        ? [[formatFigure(chance), '–', '(one this near by chance)', '', ...attributes.map(() => '')]]
        : []),
    ],
  );
  return `${printable(category)}\n${indent(table)}`;
}
