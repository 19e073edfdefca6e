/** What lies in a folder of models: which models, which versions of each, and whether a version has changed. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a version of a model lies. */
export interface VersionPlace {
  readonly model: string;
  /** name of its file or folder, without `.parquet` */
  readonly name: string;
  /** the Parquet file of an embedding, or the folder of a click model */
  readonly path: string;
  readonly kind: 'embedding' | 'click model';
  /** changes whenever a file of it is replaced or written to */
  readonly signature: string;
}

/** What a folder holds. */
export interface FolderContent {
  /** model → its versions, the newest first: the last in the order of their names, in which 10 follows 9 */
  readonly models: ReadonlyMap<string, readonly VersionPlace[]>;
  /** entries that are no model, each with a sentence that says why */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[];
}

const order = new Intl.Collator('en', { numeric: true });

/**
 * Looks through a folder of models: each Parquet file is an embedding, each folder with `model.json` a click model,
 * each other folder a model whose files and folders are its versions. Names that begin with a dot are passed over, so
 * that half-written outputs are.
 */
export async function readModelFolder(folder: string): Promise<FolderContent> {
  const models = new Map<string, VersionPlace[]>();
  const passedOver: { name: string; reason: string }[] = [];
  for (const entry of await visibleEntries(folder)) {
    const path = join(folder, entry);
    const model = withoutEnding(entry);
    // oxlint-disable-next-line no-await-in-loop -- a few entries
    const own = await placeAt(path, model);
    // oxlint-disable-next-line no-await-in-loop
    const places = own === undefined ? await versionsIn(path, model) : [own];
    if (models.has(model)) {
      passedOver.push({ name: entry, reason: `a model ${JSON.stringify(model)} is there already` });
    } else if (places.length === 0) {
      passedOver.push({ name: entry, reason: 'it is neither a Parquet file nor a folder of models' });
    } else {
      models.set(model, places);
    }
  }
  return { models, passedOver };
}

async function versionsIn(folder: string, model: string): Promise<VersionPlace[]> {
  const places: VersionPlace[] = [];
  for (const entry of await visibleEntries(folder)) {
    const path = join(folder, entry);
    // oxlint-disable-next-line no-await-in-loop -- a few entries
    const place = (await placeAt(path, model)) ?? (await onlyFileIn(path, model));
    if (place !== undefined) places.push({ ...place, name: withoutEnding(entry) });
  }
  return places.sort((a, b) => (isNewer(a.name, b.name) ? -1 : 1));
}

/** Whether a version comes after another by its name. */
export function isNewer(name: string, other: string): boolean {
  const compared = order.compare(name, other);
  return compared === 0 ? name > other : compared > 0;
}

/** What the signature of a place would be now. */
export async function signatureNow(place: VersionPlace): Promise<string | undefined> {
  return (await placeAt(place.path, place.model))?.signature;
}

/** A version that is a folder with one Parquet file in it. */
async function onlyFileIn(folder: string, model: string): Promise<VersionPlace | undefined> {
  const files = (await visibleEntries(folder)).filter((entry) => entry.endsWith('.parquet'));
  const [only] = files;
  return files.length === 1 && only !== undefined ? placeAt(join(folder, only), model) : undefined;
}

/** The version that a file or folder is by itself; undefined where it is none. */
async function placeAt(path: string, model: string): Promise<VersionPlace | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isFile() === true && path.endsWith('.parquet')) {
    return { model, name: model, path, kind: 'embedding', signature: await signatureOf([path]) };
  }
  const files = status?.isDirectory() === true ? await visibleEntries(path) : [];
  if (!files.includes('model.json')) return undefined;
  const tables = (await visibleEntries(join(path, 'tables'))).map((name) => join('tables', name));
  const signature = await signatureOf([...files, ...tables].map((name) => join(path, name)));
  return { model, name: model, path, kind: 'click model', signature };
}

async function signatureOf(paths: readonly string[]): Promise<string> {
  const parts = paths.map(async (path) => {
    const status = await stat(path).catch(() => undefined);
    return status === undefined ? `${path}:` : `${path}:${status.size}:${status.mtimeMs}:${status.ino}`;
  });
  return (await Promise.all(parts)).join('\n');
}

/** Names in a folder, in the order of their bytes; none where it is no folder. @throws where the folder itself may not be read */
async function visibleEntries(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [];
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return (names ?? []).filter((name) => !name.startsWith('.')).sort();
}

function withoutEnding(name: string): string {
  return name.replace(/\.parquet$/, '');
}
