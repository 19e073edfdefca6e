// Makes a static site of the built explorer: one folder for any host. `npm run build:site` builds first; an argument
// names another folder.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../dist/explorer/', import.meta.url));
const site = process.argv[2] ?? fileURLToPath(new URL('../site/', import.meta.url));

/** What the page may load and run: itself. Nothing that is dropped on it can be sent anywhere. */
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'";

/** Hosts that read such a file isolate the page, so that its threads share memory; elsewhere it works on one thread. */
const headers = `/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
`;

rmSync(site, { recursive: true, force: true });
cpSync(page, site, { recursive: true });
const index = join(site, 'index.html');
const html = readFileSync(index, 'utf8');
const start = '<meta charset="utf-8" />';
if (!html.includes(start)) throw new Error(`${index} lacks ${start}, after which the policy belongs`);
writeFileSync(
  index,
  html.replace(start, `${start}\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`),
);
// the list of embeddings that a server has: none
mkdirSync(join(site, 'data'));
writeFileSync(join(site, 'data', 'embeddings.json'), '[]\n');
writeFileSync(join(site, '_headers'), headers);
process.stdout.write(`${site}: copy this folder to any host\n`);
