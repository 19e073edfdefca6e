/** The record that tells the kernels of a map what to do: the same fields in the same order as kernels/projection/map-job.ts, eight bytes each. */

/** Names of the fields, in the order of the record. */
export const mapJobFields = [
  'points',
  'halfSquares',
  'rows',
  'paddedRows',
  'rowBytes',
  'threads',
  'sync',
  'scratch',
  'scratchBytes',
  'neighbors',
  'neighborRows',
  'neighborSquares',
  'coordinates',
  'judgedRows',
  'judged',
  'judgedNeighbors',
  'judgements',
  'edgeOffsets',
  'edgeColumns',
  'edgeValues',
  'attraction',
  'repulsion',
  'steps',
  'gains',
  'chunkSums',
  'chunkBounds',
  'bucketCounts',
  'bucketNext',
  'bucketStarts',
  'bucketPoints',
  'gridLength',
  'spacing',
  'originX',
  'originY',
  'turns',
  'filter',
  'spectrumReal',
  'spectrumImaginary',
  'potential',
  'selfImage',
  'exaggeration',
  'momentum',
  'rate',
  'stepsAsked',
  'stepsDone',
  'normalizer',
] as const;

/** A field of the record. */
export type MapJobField = (typeof mapJobFields)[number];

/** Reads and writes the record in shared memory. */
export interface MapJob {
  get(field: MapJobField): number;
  set(values: Partial<Record<MapJobField, number>>): void;
}

/** The record at an address that is a multiple of 8. */
export function openMapJob(memory: WebAssembly.Memory, address: number): MapJob {
  const view = new DataView(memory.buffer, address, mapJobFields.length * 8);
  return {
    get: (field) => view.getFloat64(mapJobFields.indexOf(field) * 8, true),
    set: (values) => {
      for (const [index, field] of mapJobFields.entries()) {
        const value = values[field];
        if (value !== undefined) view.setFloat64(index * 8, value, true);
      }
    },
  };
}
