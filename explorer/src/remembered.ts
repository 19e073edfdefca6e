/**
 * Layouts that were computed before, kept by the browser under a hash of the vectors for as long as the page keeps its
 * address.
 */
import type { MapQuality } from 'category2vec/browser';
import type { Space } from './space.js';

/** Where points stand, and how far that can be trusted. */
export interface RememberedLayout {
  /** shape [V, 2] */
  readonly coordinates: Float32Array;
  readonly quality: MapQuality | undefined;
}

const store = 'layouts';
const mostKept = 20;

/**
 * The layout of a space, where it was computed before by this very program.
 *
 * Only of what the server has: what was dropped leaves no trace. A browser that keeps nothing is no fault.
 */
export async function recallLayout(space: Space): Promise<RememberedLayout | undefined> {
  if (!space.isServed) return undefined;
  try {
    const kept = await (await caches.open(store)).match(await addressOf(space));
    if (kept === undefined) return undefined;
    const quality = JSON.parse(kept.headers.get('quality') ?? 'null') as MapQuality | null;
    const coordinates = new Float32Array(await kept.arrayBuffer());
    if (coordinates.length !== 2 * space.size) return undefined;
    performance.mark('layout remembered');
    return { coordinates, quality: quality ?? undefined };
  } catch {
    return undefined;
  }
}

/**
 * The layout that the server has from a table that `map` wrote.
 *
 * @throws where the server does not answer
 */
export async function servedLayout({ placesUrl, size }: Space): Promise<RememberedLayout | undefined> {
  if (placesUrl === undefined) return undefined;
  const coordinates = new Float32Array(await (await fetch(placesUrl)).arrayBuffer());
  if (coordinates.length !== 2 * size) throw new Error('The map has places for other categories.');
  performance.mark('layout served');
  return { coordinates, quality: undefined };
}

/** Keeps the layout of a space; the oldest ones are forgotten. */
export async function rememberLayout(space: Space, { coordinates, quality }: RememberedLayout): Promise<void> {
  if (!space.isServed) return;
  try {
    const cache = await caches.open(store);
    const kept = await cache.keys();
    await Promise.all(kept.slice(0, Math.max(0, kept.length + 1 - mostKept)).map((each) => cache.delete(each)));
    const headers = { quality: JSON.stringify(quality ?? null) };
    await cache.put(await addressOf(space), new Response(Float32Array.from(coordinates), { headers }));
  } catch {
    // The next visit computes it again.
  }
}

/** SHA-256 of the vectors, beside the name of this script, which changes with what it does. */
async function addressOf({ embedding: { vectors, dimension } }: Space): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', Float32Array.from(vectors)));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `/layouts/${hash}/${dimension}?by=${encodeURIComponent(new URL(import.meta.url).pathname)}`;
}
