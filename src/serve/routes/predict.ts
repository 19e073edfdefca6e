/** `POST /v1/predict`: rows → probabilities of a click, by a click model. */
import { z } from 'zod';
import { checkTableSpaces } from '../../click-model/model-spaces.js';
import type { ImpressionRow } from '../../impressions/impressions-from-rows.js';
import { defineQuestion } from '../define-route.js';
import type { ResolvedLimits } from '../limits.js';
import { Problem } from '../problem.js';
import * as fields from '../schemas.js';

/** The route. */
export function predictRoute({ maxRows }: ResolvedLimits) {
  return defineQuestion({
    path: '/v1/predict',
    summary: 'The probability of a click for each row',
    request: z.strictObject({
      ...fields.modelChoice,
      alignment: fields.givenAlignment,
      rows: fields
        .listOf(z.unknown().meta({ type: 'object', additionalProperties: {} }), { min: 1, max: maxRows, what: 'rows' })
        .describe(
          'objects with the columns that /v1/models/{name} lists, null where a value is missing; a list ' +
            'holds keys, or objects of category and time (seconds since 1970)',
        ),
    }),
    response: z.object({
      ...fields.answeredBy,
      alignment: z
        .string()
        .nullable()
        .describe('alignment id of the embeddings that the model was made from; null for none or several'),
      probabilities: z.array(z.number()).describe('in the order of the rows, from 0 to 1'),
      unknown: z
        .array(z.object({ column: z.string(), count: z.int(), keys: z.array(z.string()) }))
        .describe(
          'for each column, the keys that the model was not trained on, and in how many rows or entries they stand',
        ),
      far: z
        .array(
          z.object({ column: z.string(), count: z.int(), deviations: z.number(), mean: z.number(), value: z.number() }),
        )
        .describe(
          'columns of numbers far from those of training, as in another unit: in how many rows they are more than so ' +
            'many standard deviations from their mean there, and the farthest',
        ),
    }),
    respond: ({ body: { rows, alignment: given, ...choice }, shelf }) => {
      // rows are checked where they are read: to take them apart in the schema would copy each of them
      if (!areRows(rows)) {
        const wrong = rows.findIndex((row) => !isRow(row));
        throw new Problem(422, `rows[${wrong}] must be an object such as { "advertiser": "a" }`);
      }
      return shelf.use('click model', choice, async ({ predictor, clickModel, place, version, alignment }) => {
        if (given !== undefined) {
          checkTableSpaces(clickModel, [{ name: 'the numbers of rows', version: given, alignment: given }]);
        }
        const { probabilities, unknown, far } = await predictor.predict(rows, { isLenient: true });
        return { model: place.model, version, alignment, probabilities: Array.from(probabilities), unknown, far };
      });
    },
  });
}

function areRows(rows: readonly unknown[]): rows is readonly ImpressionRow[] {
  return rows.every(isRow);
}

function isRow(value: unknown): value is ImpressionRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
