/** Spaces of a table's numbers: features and embeddings among its Parquet files name theirs in their metadata. */
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { checkTableSpaces } from '../../click-model/model-spaces.js';
import type { SavedClickModel } from '../../click-model/model-description.js';
import { checkSpaces, relateSpaces, type SpaceSide } from '../../embedding/version.js';
import { withEngine, type Engine } from '../engine/connection.js';
import { nameOfSource, type Source } from '../sources/event-source.js';
import { isRemote } from '../../files/remote-path.js';
import { glob } from '../sources/matched-files.js';
import { queryRows } from '../engine/query-rows.js';
import { filesOfQuery, quotePath } from '../engine/sql-text.js';

/**
 * The spaces that the files of a source say their numbers are of; files that say nothing are left out.
 *
 * @throws InputError where two are foreign: one table would hold numbers that mean nothing beside each other
 */
export async function spacesOfSource(source: Source, { connection }: Engine): Promise<readonly SpaceSide[]> {
  const spaces: SpaceSide[] = [];
  for (const path of await filesOf(source, connection)) {
    if (await isParquet(path)) spaces.push(...(await spaceOfFile(path, connection)));
  }
  const [first] = spaces;
  for (const space of spaces) {
    if (first === undefined || relateSpaces(first, space) !== 'foreign') continue;
    checkSpaces(space, first, 'make both with one embedding, or train the later one with --align-to');
  }
  return spaces;
}

/**
 * Checks the files of a table against the spaces that a model learned to read, before the table is read.
 *
 * @throws InputError for one of a foreign space
 */
export async function checkSourceSpaces(model: SavedClickModel, source: Source): Promise<void> {
  if ((model.reading?.spaces ?? []).length === 0 || model.encoder.numeric.length === 0) return;
  const spaces = await withEngine({}, { source: nameOfSource(source) }, (engine) => spacesOfSource(source, engine));
  checkTableSpaces(model, spaces);
}

/** The paths of a source, those within its query included. */
async function filesOf(source: Source, connection: Engine['connection']): Promise<string[]> {
  const given = typeof source === 'string' ? [source] : 'sql' in source ? filesOfQuery(source.sql) : source;
  const files: string[] = [];
  for (const path of given) {
    const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
    if (isFile) files.push(path);
    else if (/[*?[]/.test(path) && !isRemote(path)) files.push(...(await glob(path, connection)));
  }
  return files;
}

/** By the first four bytes. */
async function isParquet(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PAR1';
  } finally {
    await file.close();
  }
}

async function spaceOfFile(path: string, connection: Engine['connection']): Promise<SpaceSide[]> {
  const sql = `SELECT try(decode(key)), try(decode(value)) FROM parquet_kv_metadata(${quotePath(path)})`;
  // a damaged file is told of by whoever reads its rows
  const pairs = await queryRows(connection, sql).catch(() => []);
  const metadata = new Map(pairs.map(([key, value]) => [String(key), String(value)]));
  const [version, alignment] = [metadata.get('version_id'), metadata.get('alignment_id')];
  const isOurs = metadata.get('format')?.startsWith('category2vec ') === true;
  return !isOurs || version === undefined || alignment === undefined
    ? []
    : [{ name: basename(path), version, alignment }];
}
