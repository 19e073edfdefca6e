/** One version of a model, opened, checked and ready to answer. */
import { InputError } from '../checks.js';
import type { SavedClickModel } from '../click-model/model-description.js';
import { spacesOfModel, type ModelSpace } from '../click-model/model-spaces.js';
import { openPredictor, type Predictor } from '../click-model/predictor.js';
import type { Embedding } from '../embedding/embedding.js';
import { NearestSearch, type NearestAsk, type Neighbor } from '../embedding/nearest.js';
import { Recommender, type RecommendAsk, type Recommendation } from '../evaluation/recommend.js';
import { batched } from './batch.js';
import type { VersionPlace } from './model-folder.js';
import { readServed, readServedModel } from './reading-thread.js';
import { releaseMemorySoon } from './release-memory.js';
import { openSearchThread } from './search-thread.js';
import { openServedModel } from './served-click-model.js';
import { openServed, type OpenOptions } from './served-embedding.js';

/** What every version has. */
export interface Version {
  readonly place: VersionPlace;
  /** hash of what it holds */
  readonly version: string;
  /**
   * version of the first embedding of the chain that it was aligned along; of a click model, where all its embeddings
   * have the same, else null
   */
  readonly alignment: string | null;
  /** frees what it holds, when no answer needs it any more */
  readonly close: () => Promise<void>;
}

/** An approximate search among the groups of categories that are nearest to a question. */
export interface Approximation {
  /** share of the true ten nearest that it finds, of a sample of categories */
  readonly recall: number;
  /** groups of categories, and categories that a question looks at, at least */
  readonly clusters: number;
  readonly visited: number;
}

/** An embedding that is served. */
export interface EmbeddingVersion extends Version {
  readonly alignment: string;
  readonly kind: 'embedding';
  readonly embedding: Embedding;
  readonly recommender: Recommender;
  /** how neighbors are searched, where that is approximate; its recall was measured when the version was opened */
  readonly approximate: Approximation | undefined;
  readonly nearest: (ask: NearestAsk) => Promise<Neighbor[]>;
  readonly recommend: (ask: RecommendAsk) => Promise<Recommendation[]>;
}

/** A click model that is served. */
export interface ClickModelVersion extends Version {
  readonly kind: 'click model';
  readonly clickModel: SavedClickModel;
  /** the embeddings that it was made from */
  readonly spaces: readonly ModelSpace[];
  readonly predictor: Predictor;
}

/** A version of either kind. */
export type ModelVersion = EmbeddingVersion | ClickModelVersion;

/**
 * Opens a version and asks it a question.
 *
 * @throws InputError, one sentence, where it cannot be read or does not answer in finite numbers
 */
export async function openVersion(place: VersionPlace, options: OpenOptions = {}): Promise<ModelVersion> {
  return place.kind === 'embedding' ? openEmbedding(place, options) : openClickModel(place);
}

async function openEmbedding(place: VersionPlace, options: OpenOptions): Promise<EmbeddingVersion> {
  const { embedding, most, index, outputs, clusters } = openServed(await readServed(place.path, options));
  const search = new NearestSearch(embedding, most, { index, outputs, clusters });
  const recommender = new Recommender(embedding, search);
  checkAnswers(place, embedding, search);
  const thread = await openSearchThread(embedding.vectors.length);
  return {
    kind: 'embedding',
    place,
    version: embedding.version,
    alignment: embedding.alignment,
    embedding,
    recommender,
    approximate: clusters && { recall: clusters.recall, clusters: clusters.clusters, visited: clusters.visited },
    nearest: batched({
      question: (ask: NearestAsk) => search.question(ask),
      answers: async (questions) => search.answersBy(questions, thread.run),
    }),
    recommend: batched({
      question: (ask: RecommendAsk) => recommender.question(ask),
      answers: async (questions) => recommender.answersBy(questions, thread.run),
    }),
    close: async () => {
      await thread.stop();
      releaseMemorySoon();
    },
  };
}

async function openClickModel(place: VersionPlace): Promise<ClickModelVersion> {
  const parts = await readServedModel(place.path);
  const { version } = parts;
  const clickModel = openServedModel(parts);
  const spaces = spacesOfModel(clickModel);
  const alignments = new Set(spaces.map(({ alignment }) => alignment));
  const [alignment = null] = alignments;
  const predictor = openPredictor(clickModel);
  try {
    // a row in which everything is missing
    const row = Object.fromEntries(predictor.columns.map(({ name }) => [name, null]));
    const { probabilities } = await predictor.predict([row]);
    if (!Number.isFinite(probabilities[0])) {
      throw new InputError(`${JSON.stringify(place.path)} must give a probability, got ${probabilities[0]}`);
    }
  } catch (error) {
    await predictor.close();
    throw error;
  }
  return {
    kind: 'click model',
    place,
    version,
    alignment: alignments.size === 1 ? alignment : null,
    clickModel,
    spaces,
    predictor,
    close: async () => {
      await predictor.close();
      releaseMemorySoon();
    },
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
