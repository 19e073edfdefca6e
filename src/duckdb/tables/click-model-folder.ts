/** A click model's folder: a readable description, the weights, and each table as an embedding that every command opens. */
import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, sentence } from '../../checks.js';
import { checkWeights, layersFromBytes, layersToBytes } from '../../click-model/dense-weights.js';
import { checkModelContent, contentIdOfModel } from '../../click-model/model-content.js';
import {
  clickModelFiles,
  descriptionFromModel,
  modelFromDescription,
  provenanceWithReading,
  tableFiles,
  tableRows,
  unknownVectorFromMetadata,
  unknownVectorMetadata,
  type DescribedTable,
  type LayerShape,
  type SavedClickModel,
} from '../../click-model/model-description.js';
import { aClickModel, type ClickTable, type DenseLayer, type TableKeys } from '../../click-network/model.js';
import { Embedding } from '../../embedding/embedding.js';
import { ByteReader, longestText } from '../../formats/bytes.js';
import { writeOutputs, writeParts, type OutputHooks, type OutputPlace } from '../../files/atomic-file.js';
import { clearBeforeReading } from '../../files/left-overs.js';
import { isRemote, remoteError } from '../../files/remote-path.js';
import { readFailure } from '../../files/system-errors.js';
import { writeEmbedding } from './embedding-file.js';
import { readEmbeddingFile } from './read-embedding.js';
import { checkCall, folder as aFolder, optionsKind, signalOnly } from '../../step.js';

/** Names of what a click model's folder holds. */
export const clickModelEntries = Object.values(clickModelFiles);

const { description: descriptionFile, weights: weightsFile, tables: tablesFolder } = clickModelFiles;

/** Whether a folder may hold other things. */
export interface FolderOverwrite {
  /** write into a folder that holds other things too, which stay; default false */
  readonly overwrite?: boolean | undefined;
}

/**
 * Writes a click model into a folder.
 *
 * `model.json` says what it reads, its layers and how it was made; `dense.safetensors` holds `layers.0.weights` (F32
 * [outputs, inputs]),
 * `layers.0.biases` (F32 [outputs]) and so on; `tables/<domain>.parquet` is an embedding of the domain's categories,
 * whose vectors are the rows from 1 on. Row 0, the unknown category, stands in its metadata as `unknown_vector`, so
 * that no neighbor is ever it. The same model gives the same bytes.
 *
 * @param folder - made where it does not exist; an earlier click model is replaced
 * @throws InputError for a foreign folder, for keys that a file cannot hold, for numbers that are not finite, and for what
 *   `writeOutputs` says
 */
export async function writeClickModel(
  folder: string,
  model: SavedClickModel,
  options: FolderOverwrite = {},
  hooks: OutputHooks = {},
): Promise<void> {
  checkCall('writeClickModel(folder, model, options, hooks)', {
    folder: [folder, aFolder],
    model: [model, aClickModel],
    options: [options, optionsKind<FolderOverwrite>({ overwrite: true })],
    hooks: [hooks, signalOnly],
  });
  const { overwrite = false } = options;
  const { place, fill } = clickModelOutput(folder, model, overwrite);
  await writeOutputs([place], ([temporary = '']) => fill(temporary), hooks);
}

/**
 * Where a click model goes and what fills it, for `writeOutputs` beside others.
 *
 * @throws InputError as `writeClickModel`
 */
export function clickModelOutput(
  folder: string,
  model: SavedClickModel,
  overwrite: boolean,
): { readonly place: OutputPlace; readonly fill: (temporary: string) => Promise<void> } {
  const { encoder, network } = model;
  const how = provenanceWithReading(model);
  const files = tableFiles(encoder.tables.map(({ domain }) => domain));
  checkWeights(network.layers);
  const place = { folder, kind: 'click model', ours: clickModelEntries, overwrite };
  const fill = async (temporary: string): Promise<void> => {
    await mkdir(join(temporary, tablesFolder));
    const versions: string[] = [];
    for (const [i, { domain, vocabulary }] of encoder.tables.entries()) {
      const { dimension, vectors } = network.tables[i] ?? { dimension: 0, vectors: new Float32Array() };
      const provenance = { ...how, clickModelTable: domain };
      const rows = vectors.subarray(dimension);
      const embedding = new Embedding({ vocabulary, dimension, vectors: rows, provenance });
      await writeEmbedding(join(temporary, files[i] ?? ''), embedding, {
        metadata: unknownVectorMetadata(vectors.subarray(0, dimension)),
      });
      versions.push(embedding.version);
    }
    await writeParts(join(temporary, weightsFile), layersToBytes(network.layers));
    const description = descriptionFromModel(model, files);
    const contentId = contentIdOfModel(description, { layers: network.layers, versions });
    const text = JSON.stringify({ ...description, contentId }, undefined, 2);
    await writeParts(join(temporary, descriptionFile), [`${text}\n`]);
  };
  return { place, fill };
}

/**
 * Reads a click model from its folder, to the last bit.
 *
 * @throws InputError, one sentence, for a folder that is missing or not a click model, for files that are missing,
 *   truncated, damaged, of a newer format version, or that do not fit each other
 */
export async function readClickModel(folder: string): Promise<SavedClickModel> {
  checkCall('readClickModel(folder)', { folder: [folder, aFolder] });
  const path = join(folder, descriptionFile);
  clearBeforeReading(folder);
  const text = await readDescription(folder);
  const description = named(path, () => parse(text));
  const { tables, encoder, network, reading, provenance, ...shapes } = named(path, () =>
    modelFromDescription(description),
  );
  const read: { keys: TableKeys; table: ClickTable; version: string }[] = [];
  for (const table of tables) read.push(await readTable(folder, table));
  const layers = await readWeights(folder, shapes.layers);
  const versions = read.map(({ version }) => version);
  checkModelContent(`the click model ${JSON.stringify(folder)}`, description, { layers, versions });
  return {
    encoder: { ...encoder, tables: read.map(({ keys }) => keys) },
    network: { ...network, tables: read.map(({ table }) => table), layers },
    reading,
    provenance,
  };
}

async function readDescription(folder: string): Promise<string> {
  const path = join(folder, descriptionFile);
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() !== true) {
    const existing = await stat(folder).catch(() => undefined);
    if (existing === undefined && isRemote(folder)) throw remoteError(folder);
    const got =
      existing === undefined ? 'there is no such folder' : existing.isDirectory() ? 'it holds none' : 'it is a file';
    throw new InputError(
      `cannot read ${JSON.stringify(folder)}: expected a click model, a folder with ${descriptionFile}; ${got}`,
    );
  }
  if (status.size > longestText) {
    throw new InputError(
      `cannot read ${JSON.stringify(path)}: it is damaged: ${status.size} bytes are too many for it`,
    );
  }
  return readFile(path, 'utf8').catch(refuse(path));
}

/** @throws InputError that names a file which cannot be read */
function refuse(path: string): (error: unknown) => never {
  return (error) => {
    throw new InputError(`cannot read ${JSON.stringify(path)}: ${readFailure(error)}`, { cause: error });
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError('it is damaged or truncated: expected JSON');
  }
}

async function readTable(
  folder: string,
  { domain, file, categories, dimension }: DescribedTable,
): Promise<{ keys: TableKeys; table: ClickTable; version: string }> {
  const path = join(folder, file);
  const { embedding, metadata } = await readEmbeddingFile(path);
  if (embedding.vocabulary.size !== categories || embedding.dimension !== dimension) {
    throw new InputError(
      `cannot read ${JSON.stringify(path)}: expected ${categories} × ${dimension} numbers, as ${descriptionFile} says, ` +
        `got ${embedding.vocabulary.size} × ${embedding.dimension}`,
    );
  }
  const unknown = named(path, () => unknownVectorFromMetadata(metadata, dimension));
  return {
    keys: { domain, vocabulary: embedding.vocabulary },
    table: { dimension, vectors: tableRows(unknown, embedding) },
    version: embedding.version,
  };
}

async function readWeights(folder: string, layers: readonly LayerShape[]): Promise<DenseLayer[]> {
  const path = join(folder, weightsFile);
  const { size } = await stat(path).catch(refuse(path));
  const stream = createReadStream(path);
  try {
    return await layersFromBytes(new ByteReader({ size, parts: stream }), layers);
  } catch (error) {
    if (error instanceof InputError)
      throw new InputError(sentence`cannot read ${JSON.stringify(path)}: ${error.sentence}`);
    if (error instanceof Error && 'code' in error) refuse(path)(error);
    throw error;
  } finally {
    stream.destroy();
  }
}

/** Runs a step whose errors do not know which file they are about. */
function named<Result>(path: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(sentence`cannot read ${JSON.stringify(path)}: ${error.sentence}`, { cause: error });
  }
}
