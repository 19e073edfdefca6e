/** `explore`: a local page with the map of an embedding, or of two side by side. */
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { InputError } from '../../checks.js';
import { readMapPlaces } from '../../duckdb/tables/read-map.js';
import { readToldEmbedding } from '../print/odd-vectors.js';
import { withAttributes } from '../../embedding/join-attributes.js';
import { meetEither, type JoinSide } from '../../embedding/key-match.js';
import { defineCommand } from '../define-command.js';
import { attributeFlags, joinHooks, readAttributeFlags } from '../flags/attribute-flags.js';
import { startExploreServer, type NamedEmbedding } from './explore-server.js';
import { countOf, printable } from '../print/text.js';
import { untilAborted } from '../until-aborted.js';

/** Serves the explorer until Ctrl-C. */
export const command = defineCommand({
  arguments: [
    { name: 'embeddings...', isOptional: true, help: 'embedding file, or two to compare; none to drop files' },
  ],
  options: {
    Options: {
      port: { kind: 'integer', min: 0, max: 65_535, default: 0, help: 'port on 127.0.0.1; 0 takes a free one' },
      map: { kind: 'list', value: 'table', help: 'places that map wrote, one table for each embedding' },
      open: { kind: 'flag', default: true, help: 'open a browser, only print the address' },
    },
    Attributes: attributeFlags,
  },
  examples: [
    'category2vec explore advertisers.parquet',
    'category2vec explore advertisers.parquet --map map.parquet',
    'category2vec explore advertisers.parquet --attributes world/advertisers.csv --key advertiser --port 8765 --no-open',
  ],
  act: async ({ args: paths, flags, progress, print, streams: { stdout, signal } }) => {
    if (paths.length > 2) throw new InputError(`explore must be given at most two embeddings, got ${paths.length}`);
    const table = await readAttributeFlags(flags, { progress, signal });
    const maps = flags.map ?? [];
    if (maps.length > 0 && maps.length !== paths.length) {
      throw new InputError(`--map must be given once for each embedding, got ${maps.length} for ${paths.length}`);
    }
    const embeddings: NamedEmbedding[] = [];
    for (const [i, path] of paths.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- the engine reads one file at a time, on all threads
      const read = await readToldEmbedding(path, progress);
      const hooks = { ...joinHooks(flags, progress), keys: `categories of ${basename(path)}` };
      const embedding = table === undefined ? read : withAttributes(read, table, hooks);
      const map = maps[i];
      // oxlint-disable-next-line no-await-in-loop
      const places = map === undefined ? undefined : await readMapPlaces(map, embedding.vocabulary);
      embeddings.push({ name: basename(path), embedding, places });
    }
    const [one, other] = embeddings;
    if (one !== undefined && other !== undefined) meetEither(sideOf(one), sideOf(other), progress);
    signal.throwIfAborted();
    const server = await startExploreServer(embeddings, flags.port ?? 0);
    await print(describe(server.url, embeddings));
    if (flags.open && 'isTTY' in stdout && stdout.isTTY === true) openBrowser(server.url);
    progress.note('Ctrl-C ends it');
    await untilAborted(signal);
    await server.close();
    return undefined;
  },
});

/** Two embeddings are compared category by category. */
function sideOf({ name, embedding: { vocabulary } }: NamedEmbedding): JoinSide {
  return { own: vocabulary.keys, keys: `categories of ${name}`, partner: name };
}

function describe(url: string, embeddings: readonly NamedEmbedding[]) {
  const shown = embeddings.map(({ name, embedding }) => ({
    name,
    categories: embedding.vocabulary.size,
    dimension: embedding.dimension,
  }));
  const lines = shown.map(
    ({ name, categories }) => `${printable(name)}: ${countOf(categories, 'category', 'categories')}`,
  );
  return { json: { url, embeddings: shown }, text: [...lines, url].join('\n') };
}

/** Asks the system to show an address; where it cannot, the printed address is there to be opened by hand. */
function openBrowser(url: string): void {
  const [program, ...words] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  const child = spawn(program ?? 'xdg-open', [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
