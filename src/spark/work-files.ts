/**
 * Histories that a cluster has left on storage which this machine mounts: read from their files, as far as these hold
 * what was counted, instead of over the wire.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../checks.js';
import type { WorkFiles } from '../histories/work-table.js';

/** The path on this machine of a folder of the cluster's storage: one without a scheme, or with `file:` and no host. */
export function localPath(place: string): string | undefined {
  if (place.startsWith('/')) return place;
  return /^file:\/(\/\/|(?!\/))/i.test(place) ? fileURLToPath(place) : undefined;
}

/**
 * The files of a table, where this machine sees them and they hold what the cluster has counted: storage may show a
 * folder before all of its files are there, or another folder under the same path.
 */
export async function visibleFiles(
  place: { readonly folder: string; readonly table: string } | undefined,
  sizes: { readonly histories: number; readonly clicks: number },
  open: (folder: string) => WorkFiles,
): Promise<WorkFiles | undefined> {
  const local = place && localPath(place.folder);
  const folder = local && join(local, place.table);
  if (folder === undefined || !existsSync(folder)) return undefined;
  try {
    const files = open(folder);
    const found = await files.sizes();
    return found.histories === sizes.histories && found.clicks === sizes.clicks ? files : undefined;
  } catch (error) {
    // no Parquet, or files that cannot be read here: the cluster sends them
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
