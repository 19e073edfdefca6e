// npm run demo:packages: what Debian packages ask for, learned in seconds; neighbors of a few packages, and whether
// sections were found again; and a report as a page.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  labelPurity,
  readAttributes,
  readHistories,
  selectRows,
  trainEmbedding,
  withAttributes,
  writeEmbedding,
} from 'category2vec';
import { renderReport } from 'category2vec/report';

const data = fileURLToPath(new URL('data/', import.meta.url));
const out = fileURLToPath(new URL('../demo-output/', import.meta.url));
const shown = ['python3-numpy', 'libgtk-3-0', 'texlive-latex-base', 'postgresql', 'r-base-core', 'gnome-shell'];

const histories = await readHistories(`${data}debian-packages.parquet`, {
  history: 'package',
  category: 'dependency',
  minCount: 5,
});
const { vocabulary, items, offsets } = histories;
print(`${count(offsets.length - 1)} packages ask for ${count(vocabulary.size)} others, ${count(items.length)} times.`);

const start = performance.now();
const trained = await trainEmbedding(histories);
print(`Trained ${trained.dimension} numbers for each in ${((performance.now() - start) / 1000).toFixed(1)} seconds.`);

// the archive's sections were never trained on: they only judge
const sections = await readAttributes(`${data}debian-sections.parquet`, { key: 'package' });
const embedding = withAttributes(trained, sections);

for (const name of shown) {
  print(`\n${name}`);
  for (const { category, similarity, attributes } of embedding.nearest(name, 10)) {
    print(`  ${similarity.toFixed(2)}  ${category.padEnd(32)} ${attributes['section']}`);
  }
}

const { purity, chance } = await labelPurity(embedding, { attribute: 'section', k: 10, permutations: 0 });
print(`\nOf the ten nearest, ${percent(purity)} are of the same section; by chance it would be ${percent(chance)}.`);

await mkdir(out, { recursive: true });
await writeEmbedding(`${out}packages.parquet`, embedding);
print('Written to demo-output/packages.parquet; look further with');
print('  npx category2vec neighbors demo-output/packages.parquet vim');

// the most frequent packages, so that the page stays small
const frequent = selectRows(
  embedding,
  Int32Array.from({ length: 2000 }, (_, row) => row),
);
const { html } = await renderReport([{ name: 'packages', embedding: frequent }]);
await writeFile(`${out}report.html`, html);
print('A report on the 2,000 most frequent packages, for any browser: demo-output/report.html');

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString('en-US');
}

/** @param {number} share */
function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
