/** One version of a model, opened, checked and ready to answer. */
import { InputError } from '../checks.js';
import { readEmbedding } from '../duckdb/embedding-file.js';
import type { Embedding } from '../embedding/embedding.js';
import { NearestSearch, type NearestAsk, type Neighbor } from '../embedding/nearest.js';
import { Recommender, type RecommendAsk, type Recommendation } from '../evaluation/recommend.js';
import { batched } from './batch.js';
import type { VersionPlace } from './model-folder.js';

interface Version {
  readonly place: VersionPlace;
  /** hash of what it holds */
  readonly version: string;
  /** version of the first embedding of the chain that it was aligned along */
  readonly alignment: string;
  /** frees what it holds, when no answer needs it any more */
  readonly close: () => Promise<void>;
}

/** An embedding that is served. */
export interface EmbeddingVersion extends Version {
  readonly kind: 'embedding';
  readonly embedding: Embedding;
  readonly recommender: Recommender;
  readonly nearest: (ask: NearestAsk) => Promise<Neighbor[]>;
  readonly recommend: (ask: RecommendAsk) => Promise<Recommendation[]>;
}

/** A version of either kind. */
export type ModelVersion = EmbeddingVersion;

/** Numbers of products that one pass may hold, 16 MB, and the most questions of a pass. */
const [mostProducts, mostQuestions] = [4_000_000, 32];

/**
 * Opens a version and asks it a question.
 *
 * @throws InputError, one sentence, where it cannot be read or does not answer in finite numbers
 */
export async function openVersion(place: VersionPlace): Promise<ModelVersion> {
  if (place.kind === 'click model') throw new InputError('click models are not served yet');
  const embedding = await readEmbedding(place.path);
  const { size } = embedding.vocabulary;
  if (size === 0) throw new InputError(`${JSON.stringify(place.path)} must hold a category, got none`);
  const search = new NearestSearch(embedding, Math.max(1, Math.min(mostQuestions, Math.floor(mostProducts / size))));
  const recommender = new Recommender(embedding, search);
  checkAnswers(place, embedding, search);
  return {
    kind: 'embedding',
    place,
    version: embedding.version,
    alignment: embedding.alignment,
    embedding,
    recommender,
    nearest: batched(search),
    recommend: batched(recommender),
    close: async () => {},
  };
}

/** The smoke query: neighbors of the most frequent category, which also copies what is searched before anyone waits for it. */
function checkAnswers({ path }: VersionPlace, { vocabulary }: Embedding, search: NearestSearch): void {
  const question = search.question({ query: vocabulary.keyOf(0), k: 10 });
  const found = search.answers([question])[0] ?? [];
  const isSound = found.length === Math.min(10, vocabulary.size - 1);
  if (isSound && found.every(({ similarity }) => Number.isFinite(similarity))) return;
  throw new InputError(`${JSON.stringify(path)} must give finite similarities, got others for its first category`);
}
