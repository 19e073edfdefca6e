/** A saved click model from the bytes of its files, where there is no file system. */
import { InputError, sentence } from '../checks.js';
import { ByteReader } from '../formats/bytes.js';
import { nativeEmbedding } from '../formats/native-embedding.js';
import { parseJson } from '../formats/key-list.js';
import { checkCall } from '../step.js';
import { layersFromBytes } from './dense-weights.js';
import { checkModelContent } from './model-content.js';
import {
  clickModelFiles,
  modelFromDescription,
  tableRows,
  unknownVectorFromMetadata,
  type DescribedTable,
  type SavedClickModel,
} from './model-description.js';

/** The files of a click model's folder: path within it, such as `tables/advertiser.parquet` → its bytes. */
export type ClickModelFiles = Readonly<Record<string, Uint8Array>>;

/**
 * Reads a click model from the bytes of its files, to the last bit: what `readClickModel` reads from the folder, for
 * browsers and for models that lie in an archive or a store.
 *
 * @param files - `model.json`, `dense.safetensors` and every file of `tables/`
 * @throws InputError, one sentence that names the file, for one that is missing, damaged or of a newer format version,
 *   and for files that do not fit each other
 */
export async function clickModelFromFiles(files: ClickModelFiles): Promise<SavedClickModel> {
  checkCall('clickModelFromFiles(files)', { files: [files, someFiles] });
  const description = await naming(clickModelFiles.description, () =>
    parseJson(new TextDecoder().decode(fileOf(files, clickModelFiles.description)), 'it'),
  );
  const { tables, encoder, network, reading, provenance, ...shapes } = await naming(clickModelFiles.description, () =>
    modelFromDescription(description),
  );
  const read = [];
  for (const table of tables) read.push(await naming(table.file, () => tableFrom(fileOf(files, table.file), table)));
  const layers = await naming(clickModelFiles.weights, () =>
    layersFromBytes(new ByteReader(fileOf(files, clickModelFiles.weights)), shapes.layers),
  );
  checkModelContent('the click model', description, { layers, versions: read.map(({ version }) => version) });
  return {
    encoder: { ...encoder, tables: read.map(({ keys }) => keys) },
    network: { ...network, tables: read.map(({ table }) => table), layers },
    reading,
    provenance,
  };
}

const someFiles = {
  what: "the files of a click model's folder, an object of path → Uint8Array",
  is: (value: unknown): boolean =>
    typeof value === 'object' && value !== null && Object.values(value).every((bytes) => bytes instanceof Uint8Array),
};

function fileOf(files: ClickModelFiles, path: string): Uint8Array {
  const bytes = Object.hasOwn(files, path) ? files[path] : undefined;
  if (bytes !== undefined) return bytes;
  const got = Object.keys(files).join(', ');
  throw new InputError(`expected it among the files, got ${got === '' ? 'none' : got}`);
}

function tableFrom(bytes: Uint8Array, { domain, categories, dimension }: DescribedTable) {
  const { embedding, metadata } = nativeEmbedding(bytes);
  const { vocabulary } = embedding;
  if (vocabulary.size !== categories || embedding.dimension !== dimension) {
    throw new InputError(
      `expected ${categories} × ${dimension} numbers, as ${clickModelFiles.description} says, got ` +
        `${vocabulary.size} × ${embedding.dimension}`,
    );
  }
  const unknown = unknownVectorFromMetadata(metadata, dimension);
  return {
    keys: { domain, vocabulary },
    table: { dimension, vectors: tableRows(unknown, embedding) },
    version: embedding.version,
  };
}

/** Runs a step whose errors do not know which file they are about. */
async function naming<Result>(file: string, step: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(sentence`cannot read ${file} of the click model: ${error.sentence}`, { cause: error });
  }
}
