// Makes docs/images/story.png: the embedding layer of the demo's click model beside category2vec, colored by language.
// Run after `npm run demo`.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const story = here('demo-output/story');
if (!existsSync(`${story}/maps.png`)) throw new Error('demo-output/story must be there; run npm run demo first');

// A map is headed by the name of its file.
const folder = mkdtempSync(join(tmpdir(), 'category2vec-picture-'));
const embeddings = [
  ['click-model-layer.parquet', 'click model’s own layer'],
  ['category2vec.parquet', 'category2vec'],
].map(([path, name]) => {
  const copy = join(folder, `${name}.parquet`);
  copyFileSync(`${story}/${path}`, copy);
  return copy;
});
try {
  const attributes = ['--attributes', `${story}/world/advertisers.csv`, '--key', 'advertiser', '--color', 'language'];
  const out = ['--width', '1280', '--quiet', '--out', process.argv[2] ?? here('docs/images/story.png')];
  execFileSync(process.execPath, [here('dist/cli/main.js'), 'map', ...embeddings, ...attributes, ...out], {
    stdio: 'inherit',
  });
} finally {
  rmSync(folder, { recursive: true });
}
