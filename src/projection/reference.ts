/**
 * t-SNE in plain TypeScript, all pairs in f64: the definition that the kernels are tested against. van der Maaten and
 * Hinton 2008.
 */
import { log } from '../numerics/elementary.js';
import type { Affinities } from './affinities.js';

/** Attraction and repulsion of a map, and the sum that normalizes it. */
export interface Forces {
  /** Σⱼ pᵢⱼ qᵢⱼ (yᵢ − yⱼ), q = 1 / (1 + |yᵢ − yⱼ|²); shape [V, 2] */
  readonly attraction: Float64Array;
  /** Σⱼ q²ᵢⱼ (yᵢ − yⱼ) / Z; shape [V, 2] */
  readonly repulsion: Float64Array;
  /** Z = Σᵢ Σⱼ≠ᵢ qᵢⱼ */
  readonly normalizer: number;
}

/** The forces; a quarter of the gradient of the KL divergence is attraction − repulsion. */
export function referenceForces({ offsets, columns, values }: Affinities, coordinates: Float32Array): Forces {
  const rows = offsets.length - 1;
  const attraction = new Float64Array(rows * 2);
  const repulsion = new Float64Array(rows * 2);
  let normalizer = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      if (i === j) continue;
      const { dx, dy, q } = between(coordinates, i, j);
      normalizer += q;
      add(repulsion, i, q * q * dx, q * q * dy);
    }
    for (let entry = offsets[i] ?? 0; entry < (offsets[i + 1] ?? 0); entry++) {
      const { dx, dy, q } = between(coordinates, i, columns[entry] ?? 0);
      const force = (values[entry] ?? 0) * q;
      add(attraction, i, force * dx, force * dy);
    }
  }
  return { attraction, repulsion: repulsion.map((force) => force / normalizer), normalizer };
}

/**
 * KL(P ‖ Q) = Σ p log(p / q), q = 1 / (1 + d²) / Z, in nats.
 *
 * @param normalizer - Z of these coordinates
 */
export function klDivergence(
  { offsets, columns, values }: Affinities,
  coordinates: Float32Array,
  normalizer: number,
): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < offsets.length - 1; i++) {
    for (let entry = offsets[i] ?? 0; entry < (offsets[i + 1] ?? 0); entry++) {
      const p = values[entry] ?? 0;
      if (p <= 0) continue;
      sum += p * log(p / between(coordinates, i, columns[entry] ?? 0).q);
      total += p;
    }
  }
  return total === 0 ? 0 : sum + total * log(normalizer);
}

function between(coordinates: Float32Array, i: number, j: number): { dx: number; dy: number; q: number } {
  const dx = (coordinates[2 * i] ?? 0) - (coordinates[2 * j] ?? 0);
  const dy = (coordinates[2 * i + 1] ?? 0) - (coordinates[2 * j + 1] ?? 0);
  return { dx, dy, q: 1 / (1 + dx * dx + dy * dy) };
}

function add(to: Float64Array, i: number, x: number, y: number): void {
  to[2 * i] = (to[2 * i] ?? 0) + x;
  to[2 * i + 1] = (to[2 * i + 1] ?? 0) + y;
}
