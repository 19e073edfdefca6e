/** What an embedding file says about itself beside its columns: format, version, dimension, and how it was made. */
import { InputError } from '../checks.js';
import type { Embedding, Json } from './embedding.js';

/** Name of the native format, in every file's key-value metadata. */
export const formatName = 'category2vec embedding';

/**
 * Version of the native format. It rises when an older reader would misread a newer file; a new metadata key or column that an
 * older reader may ignore leaves it alone.
 */
export const formatVersion = 1;

/** Names that an attribute cannot have, because a column of the file or of a map has them; case is ignored. */
export const reservedColumns: readonly string[] = ['category', 'count', 'vector', 'output_vector', 'x', 'y'];

/** What the metadata of a file says, checked. */
export interface FileDescription {
  readonly dimension: number;
  readonly provenance: { readonly [name: string]: Json };
}

/** The key-value metadata of an embedding's file, all of it text. */
export function metadataFromEmbedding(embedding: Embedding): Readonly<Record<string, string>> {
  const { dimension, provenance, version, alignment } = embedding;
  return {
    format: formatName,
    format_version: String(formatVersion),
    dimension: String(dimension),
    version_id: version,
    alignment_id: alignment,
    provenance: JSON.stringify(provenance),
  };
}

/**
 * Reads a file's key-value metadata.
 *
 * @param metadata - keys and values found in the file
 * @returns undefined where the file does not say that it is an embedding of ours
 * @throws InputError for a newer format version and for damaged metadata
 */
export function descriptionFromMetadata(metadata: ReadonlyMap<string, string>): FileDescription | undefined {
  if (metadata.get('format') !== formatName) return undefined;
  const version = wholeNumber('format_version', metadata.get('format_version'));
  if (version > formatVersion) {
    throw new InputError(
      `it has format version ${version}, expected at most ${formatVersion}; a newer category2vec opens it`,
    );
  }
  const dimension = wholeNumber('dimension', metadata.get('dimension'));
  return { dimension, provenance: provenanceFromText(metadata.get('provenance') ?? '{}') };
}

function wholeNumber(name: string, text: string | undefined): number {
  if (text === undefined || !/^[1-9][0-9]{0,9}$/.test(text)) {
    throw new InputError(`its metadata is damaged: expected ${name} to be a whole number, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

function provenanceFromText(text: string): { readonly [name: string]: Json } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError('its metadata is damaged: expected provenance to be JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError('its metadata is damaged: expected provenance to be a JSON object');
  }
  return value as { readonly [name: string]: Json };
}
