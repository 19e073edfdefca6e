// npm run docs:api: the reference of every public entry, written from the comments into docs/api, and a check that each
// of its links leads somewhere.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const out = fileURLToPath(new URL('../docs/api/', import.meta.url));
const typedoc = fileURLToPath(new URL('../node_modules/typedoc/bin/typedoc', import.meta.url));
const { status } = spawnSync(process.execPath, [typedoc], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const pages = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
/** @type {Map<string, Set<string>>} */
const anchors = new Map();
let links = 0;
const broken = pages.flatMap((page) =>
  hrefsOf(page)
    .filter((href) => {
      links++;
      const [path = '', anchor = ''] = href.split('#');
      const target = path === '' ? join(out, page) : resolve(dirname(join(out, page)), decodeURIComponent(path));
      return !existsSync(target) || (anchor !== '' && target.endsWith('.html') && !anchorsOf(target).has(anchor));
    })
    .map((href) => `${page}: ${href}`),
);
for (const link of broken) process.stderr.write(`broken link: ${link}\n`);
process.stdout.write(`docs/api/index.html: ${pages.length} pages, ${links} links, ${broken.length} broken\n`);
process.exitCode = broken.length === 0 ? 0 : 1;

/** Links within the reference. @param {string} page */
function hrefsOf(page) {
  const html = readFileSync(join(out, page), 'utf8');
  return Array.from(html.matchAll(/ href="(?!https?:|mailto:|data:)([^"]+)"/g), ([, href = '']) => href);
}

/** @param {string} path */
function anchorsOf(path) {
  let found = anchors.get(path);
  if (found === undefined) {
    found = new Set(Array.from(readFileSync(path, 'utf8').matchAll(/ id="([^"]+)"/g), ([, id = '']) => id));
    anchors.set(path, found);
  }
  return found;
}
