/** The explorer's server: the built page and the embeddings, to this machine only. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../checks.js';
import type { Embedding } from '../../embedding/embedding.js';
import { matrixParts } from '../../formats/bytes.js';
import { categoryTableToBytes } from '../../formats/category-table.js';
import { hostName, isLoopback } from '../../serve/access.js';
import { bind } from '../../serve/bind.js';

/** An embedding and what the page calls it. */
export interface NamedEmbedding {
  readonly name: string;
  readonly embedding: Embedding;
  /** places in the plane of all categories, shape [V, 2]; undefined leaves them to the page */
  readonly places?: Float32Array | undefined;
}

/** A server that runs. */
export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Cross-origin isolation lets the page share memory with its workers; the policy lets it load and run nothing but
 * itself. Files that are dropped on the page are read there: there is no address that they could be sent to.
 */
const headers: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src " +
    "'self' data: blob:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** The built page stands two folders above this file in `src/` and in `dist/`. */
const pageFolder = fileURLToPath(new URL('../../../dist/explorer/', import.meta.url));

/** What is served under a path. */
interface Resource {
  readonly type: string;
  readonly bytes: number;
  readonly parts: () => Iterable<Uint8Array>;
}

/**
 * Starts the server on 127.0.0.1.
 *
 * @param port - 0 takes a free one
 * @throws InputError where the port cannot be had, or the page has not been built
 */
export async function startExploreServer(embeddings: readonly NamedEmbedding[], port: number): Promise<RunningServer> {
  const resources = new Map([...pageResources(), ...dataResources(embeddings)]);
  const server = createServer((request, response) => void answer(request, response, resources));
  await bind(server, '127.0.0.1', port);
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${boundPort}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Answers one request. Only this machine's own names for itself are heard, so that no foreign page can ask through a
 * name of its own.
 */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  resources: ReadonlyMap<string, Resource>,
): Promise<void> {
  const refuse = (status: number, text: string) =>
    void response.writeHead(status, { ...headers, 'Content-Type': 'text/plain' }).end(`${text}\n`);
  if (!isLoopback(hostName(request.headers.host))) return refuse(403, 'this server answers to 127.0.0.1 only');
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'only GET and HEAD are allowed');
  const resource = resources.get((request.url ?? '/').replace(/\?.*$/, ''));
  if (resource === undefined) return refuse(404, 'not found');
  response.writeHead(200, { ...headers, 'Content-Type': resource.type, 'Content-Length': resource.bytes });
  if (request.method === 'HEAD') return void response.end();
  // A page that is closed while it loads is not an error.
  await pipeline(Readable.from(resource.parts(), { objectMode: false }), response).catch(() => {});
}

function pageResources(): [string, Resource][] {
  let names: string[];
  try {
    names = readdirSync(pageFolder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(pageFolder, `${entry.parentPath}${sep}${entry.name}`));
  } catch {
    throw new InputError(`the page has not been built: there is no ${pageFolder}; run npm run build`);
  }
  return names.map((name) => {
    const path = `/${name.split(sep).join('/')}`;
    const bytes = readFileSync(`${pageFolder}${name}`);
    return [path === '/index.html' ? '/' : path, inOnePiece(contentTypes[extname(name)] ?? 'text/plain', bytes)];
  });
}

function dataResources(embeddings: readonly NamedEmbedding[]): [string, Resource][] {
  const list = embeddings.map(({ name, embedding: { vocabulary, dimension, provenance }, places }) => ({
    name,
    categories: vocabulary.size,
    dimension,
    provenance,
    isPlaced: places !== undefined,
  }));
  const each = embeddings.flatMap(({ embedding, places }, i): [string, Resource][] => {
    const { vectors } = embedding;
    const type = 'application/octet-stream';
    const matrix = { type, bytes: vectors.byteLength, parts: () => matrixParts(vectors) };
    return [
      [`/data/${i}/categories`, inOnePiece(type, categoryTableToBytes(embedding))],
      [`/data/${i}/vectors`, matrix],
      ...(places === undefined ? [] : [placesResource(i, places)]),
    ];
  });
  return [['/data/embeddings.json', inOnePiece('application/json', Buffer.from(JSON.stringify(list)))], ...each];
}

function placesResource(i: number, places: Float32Array): [string, Resource] {
  return [`/data/${i}/places`, inOnePiece('application/octet-stream', bytesOf(places))];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function inOnePiece(type: string, bytes: Uint8Array): Resource {
  return { type, bytes: bytes.length, parts: () => [bytes] };
}
