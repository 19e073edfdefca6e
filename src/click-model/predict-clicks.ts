/** predictClicks: the probabilities of some rows, in one call. */
import { fewRows } from '../click-network/forward-pass.js';
import { aClickModel, aNetwork, type ClickModel, type ClickNetwork } from '../click-network/model.js';
import { predictEncoded } from '../click-network/predict-clicks.js';
import type { ImpressionRow } from '../impressions/impressions-from-rows.js';
import type { ClickRows, Impressions } from '../impressions/impressions.js';
import { checkCall, objectWith, optionsKind, signalOnly, type ArgumentKind, type StepHooks } from '../step.js';
import { openPredictor, type Predictor, type PredictorOptions } from './predictor.js';

/** Predictors of few rows, which need no threads: they go with their models. */
const kept = new WeakMap<ClickModel, Predictor>();

const modelKind: ArgumentKind = { what: aClickModel.what, is: (value) => aClickModel.is(value) || aNetwork.is(value) };
const rowsKind = objectWith('a list of objects, one for each row, impressions, or what encodeImpressions gives', []);

/**
 * Probability of a click for each row: 1 / (1 + exp(−(logit + logitOffset))).
 *
 * A wrapper of `openPredictor`, which also says what the model does not know. What is prepared for a few rows is kept
 * as long as the model; for many rows again and again, open a predictor, which keeps its threads.
 *
 * @param model - a click model; for rows that are encoded, its network will do
 * @param rows - plain objects with the model's columns, null where a value is missing; impressions; or rows encoded as
 *   the training rows were
 * @returns shape [R], in [0, 1]; the same at any thread count
 * @throws InputError for rows of other columns, and as `Predictor.predict`
 */
export async function predictClicks(
  model: ClickModel | ClickNetwork,
  rows: readonly ImpressionRow[] | Impressions | ClickRows,
  options: PredictorOptions = {},
  hooks: Pick<StepHooks, 'signal'> = {},
): Promise<Float64Array> {
  checkCall('predictClicks(model, rows, options, hooks)', {
    model: [model, modelKind],
    rows: [rows, rowsKind],
    options: [options, optionsKind<PredictorOptions>({ threads: true })],
    hooks: [hooks, signalOnly],
  });
  hooks.signal?.throwIfAborted();
  if ('numericWidth' in rows) {
    return predictEncoded('network' in model ? model.network : model, rows, options.threads);
  }
  checkCall('predictClicks(model, rows, options, hooks)', { model: [model, aClickModel] });
  if (!('network' in model)) return new Float64Array();
  const count = 'count' in rows ? rows.count : rows.length;
  const predictor = count <= fewRows ? keptFor(model) : openPredictor(model, options);
  try {
    return (await predictor.predict(rows, {}, hooks)).probabilities;
  } finally {
    if (count > fewRows) await predictor.close();
  }
}

function keptFor(model: ClickModel): Predictor {
  const known = kept.get(model) ?? openPredictor(model, { threads: 1 });
  kept.set(model, known);
  return known;
}
