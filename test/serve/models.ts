/** Small models on disk, and a service over them that knows no port. */
import { mkdir, mkdtemp, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeEmbedding } from '../../src/duckdb/tables/embedding-file.js';
import { Embedding, type EmbeddingParts } from '../../src/embedding/embedding.js';
import { Random } from '../../src/numerics/random.js';
import type { LogLine } from '../../src/serve/log.js';
import { openService, type Service, type ServiceOptions } from '../../src/serve/serve.js';
import { Vocabulary } from '../../src/vocabulary.js';

/** Six points of the compass, with the season and the letters of each. */
export const compass = new Embedding({
  vocabulary: new Vocabulary(
    ['east', 'north', 'northeast', 'west', 'south', '東'],
    Float64Array.of(60, 50, 40, 30, 20, 10),
  ),
  dimension: 2,
  vectors: Float32Array.of(2, 0, 0, 1, 1, 1, -3, 0, 0, -1, 5, 0.5),
  outputVectors: Float32Array.of(0, 0, 0, 0, 0, 9, 7, 0, 1, 1, 1, 2),
  attributes: new Map<string, readonly (string | number | null)[]>([
    ['sun', ['rise', null, 'rise', 'set', 'noon', 'rise']],
    ['letters', [4, 5, 9, 4, 5, 1]],
  ]),
  provenance: { options: { dimension: 2, seed: 1 }, measures: { loss: 0.5 }, scoringRule: 'output' },
});

/** An embedding of numbers drawn with a seed. */
export function drawEmbedding(
  seed: number,
  size: number,
  dimension: number,
  parts: Partial<EmbeddingParts> = {},
): Embedding {
  const random = new Random(seed);
  const keys = Array.from({ length: size }, (_, row) => `c${row}`);
  return new Embedding({
    vocabulary: new Vocabulary(keys, new Float64Array(size).fill(1)),
    dimension,
    vectors: Float32Array.from({ length: size * dimension }, () => random.uniform() - 0.5),
    ...parts,
  });
}

/** An empty folder for models. */
export async function modelFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'category2vec-serve-'));
}

/** Writes an embedding beside its place and renames it, as publishing does. */
export async function publish(path: string, embedding: Embedding): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = join(dirname(path), '.half-written.parquet');
  await writeEmbedding(beside, embedding);
  await rename(beside, path);
}

/** What a service answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A service whose log is gathered, and which looks at its folder when it is told to. */
export async function openTestService(folder: string, options: ServiceOptions = {}) {
  const log: LogLine[] = [];
  const service: Service = await openService(folder, {
    poll: 'none',
    onLog: (line) => void log.push(line),
    ...options,
  });
  const send = async (path: string, init: RequestInit = {}): Promise<Answered> => {
    const response = await service.fetch(new Request(new URL(path, 'http://127.0.0.1:8080'), init));
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const body = (isJson ? JSON.parse(text) : { text }) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, body };
  };
  return {
    service,
    log,
    get: (path: string, headers: Record<string, string> = {}) => send(path, { headers }),
    send,
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}
