/** judgeClickModel: what a trained click model says of the parts of its split, and the model with those figures in it. */
import { clickMetrics, type ClickMetrics } from '../click-network/click-metrics.js';
import { predictEncoded } from '../click-network/predict-clicks.js';
import { aSplit, type Split } from '../impressions/splits.js';
import { subsetRows } from '../impressions/subset.js';
import { checkCall, objectWith } from '../step.js';
import type { SavedClickModel } from './model-description.js';
import type { TrainedClickModel } from './train-click-model.js';

/** Scores of a trained click model. */
export interface JudgedClickModel {
  /** the model with its measures; beside the log loss of its training rows `click evaluate` puts that of a table */
  readonly model: SavedClickModel;
  readonly validation: ClickMetrics;
  /** undefined where the split has no test rows, or all of them have one label */
  readonly test: ClickMetrics | undefined;
}

const trainedKind = objectWith('what trainClickModel gives', ['model', 'result', 'rows']);

/**
 * Scores a click model on the validation and test rows of its split, with 95 % intervals clustered by user.
 *
 * @param split - the split that it was trained with
 * @throws InputError as `clickMetrics`
 */
export async function judgeClickModel(trained: TrainedClickModel, split: Split): Promise<JudgedClickModel> {
  checkCall('judgeClickModel(trained, split)', { trained: [trained, trainedKind], split: [split, aSplit] });
  const validation = await judge(trained, split.validation);
  const test = hasBothClasses(trained, split.test) ? await judge(trained, split.test) : undefined;
  const { bestEpoch, epochs, validation: scores } = trained.result;
  const { value: trainingLogLoss } = (await judge(trained, split.training, 0)).logLoss;
  const measures = { bestEpoch, epochs, trainingLogLoss, ...scores };
  const { model } = trained;
  return { model: { ...model, provenance: { ...model.provenance, measures } }, validation, test };
}

function hasBothClasses({ rows: { labels = new Uint8Array() } }: TrainedClickModel, part: Uint32Array): boolean {
  return new Set(Array.from(part, (row) => labels[row])).size === 2;
}

async function judge({ model, rows }: TrainedClickModel, part: Uint32Array, resamples?: number): Promise<ClickMetrics> {
  const chosen = subsetRows(rows, part);
  const probabilities = await predictEncoded(model.network, chosen);
  const { labels = new Uint8Array(), weights, users } = chosen;
  return clickMetrics(labels, probabilities, { weights, users, resamples });
}
