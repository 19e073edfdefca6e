/** Whether what a click model's table holds makes sense: label purity of its vectors. */
import { Embedding } from '../embedding/embedding.js';
import { joinAttributes } from '../embedding/join-attributes.js';
import { selectRows } from '../embedding/select-rows.js';
import { labelPurity } from '../evaluation/label-purity.js';
import type { ComparisonTask } from './comparison.js';
import { candidateColumn, type TrainedClickModel } from '../click-model/train-click-model.js';

/** Purities of the table of what is shown, over the categories that training rows hold. */
export async function puritiesOf(
  { model }: TrainedClickModel,
  { attributes, purities = [] }: Pick<ComparisonTask, 'attributes' | 'purities'>,
): Promise<Record<string, number>> {
  if (attributes === undefined || purities.length === 0) return {};
  const name = candidateColumn(model.encoder);
  const table = model.encoder.categorical.find((input) => input.name === name)?.table ?? 0;
  const keys = model.encoder.tables[table];
  const vectors = model.network.tables[table];
  if (keys === undefined || vectors === undefined) return {};
  const { dimension } = vectors;
  const whole = new Embedding({
    vocabulary: keys.vocabulary,
    dimension,
    vectors: vectors.vectors.subarray(dimension),
    attributes: joinAttributes(keys.vocabulary, attributes),
  });
  const judged = selectRows(
    whole,
    Int32Array.from(keys.vocabulary.counts.keys()).filter((row) => (keys.vocabulary.counts[row] ?? 0) > 0),
  );
  const found: Record<string, number> = {};
  for (const { attribute, within } of purities) {
    const { purity } = await labelPurity(judged, { attribute, within, permutations: 0 });
    found[within === undefined ? attribute : `${attribute} within ${within}`] = purity;
  }
  return found;
}
