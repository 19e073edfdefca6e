/** What a served click model is made of, in a form that threads hand over: read and hashed on one, opened on another. */
import { descriptionFromModel, type SavedClickModel } from '../click-model/model-description.js';
import type { ClickEncoder, ClickNetwork } from '../click-network/model.js';
import { readClickModel } from '../duckdb/tables/click-model-folder.js';
import { fingerprint } from '../numerics/fingerprint.js';
import { KeyTable } from '../numerics/key-table.js';
import { Vocabulary } from '../vocabulary.js';
import { shared } from './shared.js';

/** All but the keys of its categories. */
export interface ServedModelHead extends Pick<SavedClickModel, 'reading' | 'provenance'> {
  /** hash of description, keys and numbers */
  readonly version: string;
  readonly encoder: Omit<ClickEncoder, 'tables'>;
  readonly network: ClickNetwork;
  /** of each table of the encoder; `slots` of its table of keys */
  readonly tables: readonly { readonly domain: string; readonly counts: Float64Array; readonly slots: Int32Array }[];
}

/** A whole click model, ready to be opened. */
export interface ServedModelParts extends ServedModelHead {
  /** of each table */
  readonly keys: readonly (readonly string[])[];
}

/** Reads a click model and looks at each of its numbers. @throws InputError as `readClickModel` */
export async function readServedModelParts(path: string): Promise<ServedModelParts> {
  const model = await readClickModel(path);
  const { encoder, network, reading, provenance } = model;
  const { tables, ...inputs } = encoder;
  const keys = tables.map(({ vocabulary }) => vocabulary.keys);
  const version = fingerprint(
    [JSON.stringify(descriptionFromModel(model, []))],
    ...keys,
    ...network.tables.map(({ vectors }) => vectors),
    ...network.layers.flatMap(({ weights, biases }) => [weights, biases]),
  );
  return {
    version,
    encoder: inputs,
    network: {
      ...network,
      tables: network.tables.map((table) => ({ ...table, vectors: shared(table.vectors) })),
      layers: network.layers.map((layer) => ({ ...layer, weights: shared(layer.weights) })),
    },
    reading,
    provenance,
    tables: tables.map(({ domain, vocabulary }) => ({
      domain,
      counts: vocabulary.counts,
      slots: new KeyTable(vocabulary.keys).slots,
    })),
    keys,
  };
}

/** The click model of its parts. */
export function openServedModel({ encoder, network, reading, provenance, tables, keys }: ServedModelParts) {
  const model: SavedClickModel = {
    encoder: {
      ...encoder,
      tables: tables.map(({ domain, counts, slots }, i) => {
        const own = keys[i] ?? [];
        return { domain, vocabulary: new Vocabulary(own, counts, new KeyTable(own, slots)) };
      }),
    },
    network,
    reading,
    provenance,
  };
  return model;
}
