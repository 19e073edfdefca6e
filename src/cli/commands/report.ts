/** `report`: one self-contained page about an embedding, or about two side by side, to send to others. */
import { InputError } from '../../checks.js';
import { writeOutputParts } from '../../files/atomic-file.js';
import { projectionOptions } from '../../projection/options.js';
import { renderReport, type Measurements } from '../../report/report.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import { tableValues } from '../flags/flags.js';
import { mapFlags, readEmbeddings, type NamedEmbedding } from '../flags/map-flags.js';
import { withNames } from '../print/map-report.js';
import { checkOutputFile } from '../flags/output-path.js';
import { countOf, formatBytes, formatShare, printable } from '../print/text.js';

/** Measures embeddings and writes what was found as one HTML file. */
export const command = defineCommand({
  arguments: [{ name: 'embeddings...', help: 'embedding file; two are compared on the categories they share' }],
  options: {
    Options: {
      attribute: {
        kind: 'list',
        isNames: true,
        isCommon: true,
        value: 'name',
        help: 'attribute to judge and color by (a,b; repeatable) [default all]',
      },
      k: {
        kind: 'integer',
        min: 1,
        max: 100,
        default: 10,
        value: 'count',
        isCommon: true,
        help: 'neighbors looked at',
      },
      suspects: {
        kind: 'integer',
        min: 0,
        default: 20,
        value: 'count',
        help: 'categories per list of suspects and differences',
      },
      ...mapFlags.Options,
    },
    Map: mapFlags.Map,
    Attributes: mapFlags.Attributes,
    Output: { out: { kind: 'file', isRequired: true, isCommon: true, help: 'HTML file to write' } },
  },
  examples: [
    'category2vec report advertisers.parquet --attribute language --out report.html',
    'category2vec report advertisers.parquet --attribute topic,language --most 1000 --out report.html --json',
  ],
  act: async ({ args: paths, flags, progress, streams: { signal } }) => {
    if (!/\.html?$/i.test(flags.out)) {
      throw new InputError(`--out must end in .html, got ${JSON.stringify(flags.out)}`);
    }
    const out = await checkOutputFile(flags.out, [...paths, flags.attributes]);
    const embeddings = await readEmbeddings(paths, flags, { progress, signal });
    const { k, suspects, separator } = flags;
    const { html, measurements } = await renderReport(
      withNames(embeddings),
      { attributes: flags.attribute, k, suspects, separator, projection: tableValues(projectionOptions, { ...flags }) },
      { signal, onProgress: ({ stage, share }) => progress.update(stage, { share }) },
    );
    await writeOutputParts(out, [html], { signal });
    return summary(out, Buffer.byteLength(html), embeddings, measurements);
  },
});

function summary(
  out: string,
  bytes: number,
  embeddings: readonly NamedEmbedding[],
  { parts, attributes, differences }: Measurements,
): Result {
  const { size } = parts[0].embedding.vocabulary;
  const figures = parts.map(({ map, judgments }, i) => ({
    embedding: embeddings[i]?.path ?? '',
    trustworthiness: map.quality.trustworthiness,
    continuity: map.quality.continuity,
    recall: map.quality.recall,
    graphRecall: map.quality.graphRecall ?? null,
    attributes: attributes.map((attribute) => {
      const judged = judgments.get(attribute);
      return {
        attribute,
        purity: judged?.space.purity ?? null,
        planePurity: judged?.plane.purity ?? null,
        chance: judged?.space.chance ?? null,
        suspects: judged?.space.suspects.length ?? 0,
      };
    }),
  }));
  const lines = figures.flatMap(({ attributes: judged }, i) =>
    judged.map(
      ({ attribute, purity, planePurity, chance }) =>
        `  ${printable(parts[i]?.name ?? '')}: ${formatShare(purity ?? NaN)} of the nearest share ` +
        `${printable(attribute)}, ${formatShare(planePurity ?? NaN)} in the map, ` +
        `${formatShare(chance ?? NaN)} by chance`,
    ),
  );
  const shared =
    differences === undefined ? [] : [`  ${formatShare(differences.shared)} of the nearest are the same in both`];
  return {
    json: {
      out,
      bytes,
      categories: size,
      k: parts[0].lists.k,
      reports: figures,
      ...(differences === undefined ? {} : { shared: differences.shared }),
    },
    text: [
      `${printable(out)}: ${countOf(size, 'category', 'categories')}, ${formatBytes(bytes)}; open it in a browser`,
      ...lines,
      ...shared,
    ].join('\n'),
    next: [['explore', ...embeddings.map(({ path }) => path)]],
  };
}
