/** `info`: what an embedding holds and how it was made. */
import { provenanceEntries } from '../../embedding/provenance.js';
import { readEmbeddingFile } from '../../duckdb/tables/read-embedding.js';
import type { Attribute, Embedding, Json } from '../../embedding/embedding.js';
import { endText, timeValue, leastInstant } from '../../histories/time-span.js';
import { defineCommand } from '../define-command.js';
import { tellVectors } from '../print/odd-vectors.js';
import { embeddingNext } from '../print/next-steps.js';
import { countOf, formatCount, formatPairs, formatTable, indent, printable } from '../print/text.js';

/** Reads an embedding and describes it. */
export const command = defineCommand({
  arguments: [{ name: 'embedding', help: 'embedding file' }],
  options: {},
  examples: ['category2vec info advertisers.parquet', 'category2vec info advertisers.parquet --json'],
  act: async ({ args: [path = ''], progress }) => {
    const { embedding, metadata } = await readEmbeddingFile(path);
    tellVectors(embedding, progress, path);
    const format = formatOf(metadata);
    const { options = {}, source = null, scoringRule, maxTime } = embedding.provenance;
    const { vocabulary, dimension, attributes } = embedding;
    return {
      json: {
        categories: vocabulary.size,
        dimension,
        attributes: [...attributes.keys()],
        options,
        source,
        format,
        version: embedding.version,
        alignment: embedding.alignment,
        chain: embedding.chain,
        ...(scoringRule === undefined ? {} : { scoringRule }),
        ...(maxTime !== undefined ? { maxTime: timeValue(maxTime, Math.abs(maxTime) >= leastInstant) } : {}),
      },
      text: describeEmbedding(path, embedding, format),
      next: embeddingNext(path, embedding),
    };
  },
});

/** Name and version of the format that a file claims to have; plain Parquet where another program wrote it. */
function formatOf(metadata: ReadonlyMap<string, string>): string {
  const name = metadata.get('format');
  return name === undefined ? 'parquet' : `${name} ${metadata.get('format_version') ?? ''}`.trimEnd();
}

function describeEmbedding(path: string, embedding: Embedding, format: string): string {
  const { vocabulary, dimension, attributes, provenance } = embedding;
  const vectors = embedding.outputVectors === undefined ? 'vectors' : 'vectors and output vectors';
  const categories = countOf(vocabulary.size, 'category', 'categories');
  const heading = `${path}: ${vectors} of ${categories} in ${countOf(dimension, 'dimension')} (${format})`;
  const sections = [
    heading,
    section('ids', describeIds(embedding)),
    section('most frequent', describeMostFrequent(embedding)),
  ];
  if (attributes.size > 0) sections.push(section('attributes', describeAttributes(attributes)));
  for (const [name, value] of provenanceEntries(provenance)) {
    // the chain stands above; what chance gives is a table for programs
    if (name === 'chain') continue;
    if (name === 'chance') {
      sections.push(section(name, 'measured: neighbors have a confidence'));
      continue;
    }
    sections.push(section(name, endText(name, provenance) ?? describeJson(value, name === 'filters')));
  }
  return sections.join('\n\n');
}

function section(title: string, body: string): string {
  return `${title}\n${indent(body)}`;
}

/** Which embedding this is, and the versions along which its space came down: of a long chain, its ends. */
function describeIds({ version, alignment, chain }: Embedding): string {
  const shown = chain.length > 6 ? [...chain.slice(0, 2), '…', ...chain.slice(-3)] : chain;
  return formatPairs([
    ['version', version],
    ['alignment', alignment],
    ['chain', `${shown.join(' → ')} (${countOf(chain.length, 'version')})`],
  ]);
}

function describeMostFrequent({ vocabulary }: Embedding): string {
  const rows = vocabulary.keys
    .slice(0, 5)
    .map((key, row) => [printable(key), formatCount(vocabulary.counts[row] ?? 0)]);
  return formatTable([{ title: '' }, { title: '', align: 'right' }], rows);
}

function describeAttributes(attributes: ReadonlyMap<string, Attribute>): string {
  const rows = Array.from(attributes, ([name, values]) => {
    const present = values.filter((value) => value !== null);
    const distinct = [...new Set(present)];
    const shown = distinct.slice(0, 4).map((value) => printable(String(value)));
    const examples = `${shown.join(', ')}${distinct.length > shown.length ? ', …' : ''}`;
    return [printable(name), formatCount(present.length), formatCount(distinct.length), examples];
  });
  return formatTable(
    [
      { title: 'name' },
      { title: 'labeled', align: 'right' },
      { title: 'values', align: 'right' },
      { title: 'such as' },
    ],
    rows,
  );
}

/** What was noted, line by line; of filters those that were used. */
function describeJson(value: Json, isFilters: boolean): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return printable(plainText(value));
  const pairs = Object.entries(value).flatMap(([name, entry = null]) =>
    isFilters && isOff(name, entry) ? [] : [[printable(name), printable(plainText(entry))] as const],
  );
  return pairs.length === 0 ? 'none' : formatPairs(pairs);
}

/** Whether a filter does nothing. */
function isOff(name: string, value: Json): boolean {
  if (value === null || value === false || value === 'none' || value === '') return true;
  return value === 0 || (value === 1 && name.startsWith('min'));
}

/** Members of a list that are shown. */
const SHOWN = 8;

function plainText(value: Json): string {
  if (Array.isArray(value)) {
    const more = value.length > SHOWN ? `, … ${formatCount(value.length)} in all` : '';
    return `${value.slice(0, SHOWN).map(plainText).join(', ')}${more}`;
  }
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Numbers as they are where they are whole or short, else with four digits. */
function formatNumber(value: number): string {
  return String(value).length <= 6 || Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
