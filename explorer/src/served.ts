/** What the page's server has: nothing where it is a static site. */
import type { SpaceTask } from './work/client.js';

/** An embedding that the server has. */
export interface ServedEmbedding {
  readonly name: string;
  readonly dimension: number;
  readonly provenance: (SpaceTask & { kind: 'open' })['provenance'];
  /** whether the server has its places in the plane, from a table that `map` wrote */
  readonly isPlaced: boolean;
}

/** The server's list. @returns undefined where no server answers */
export async function served(): Promise<readonly ServedEmbedding[] | undefined> {
  try {
    const response = await fetch('data/embeddings.json');
    return response.ok ? ((await response.json()) as readonly ServedEmbedding[]) : undefined;
  } catch {
    return undefined;
  }
}
