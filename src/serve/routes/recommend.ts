/** `POST /v1/recommend`: what to show next to someone with a history. */
import { z } from 'zod';
import { vectorRules } from '../../evaluation/recommend.js';
import { defineQuestion } from '../define-route.js';
import { admissionOf, answeredByOf, originOf, recallOfAnswer, splitKeys } from '../embedding-query.js';
import type { ResolvedLimits } from '../limits.js';
import { Problem } from '../problem.js';
import * as fields from '../schemas.js';

/** The route. */
export function recommendRoute({ maxK, maxKeys }: ResolvedLimits) {
  return defineQuestion({
    path: '/v1/recommend',
    summary: "Categories ranked for a history by the embedding's scoring rule, its own left out",
    request: z.strictObject({
      ...fields.modelChoice,
      ...fields.historyFields(maxKeys),
      like: fields.keyList(maxKeys).optional().describe('each counts like a click'),
      unlike: fields.keyList(maxKeys).optional().describe('each counts against, as much as a click counts for'),
      k: fields.wholeNumber({ min: 1, max: maxK }).default(10).describe('how many at most'),
      rule: fields
        .oneOf(['cosine', 'output', 'cosinePopularity'])
        .optional()
        .describe('default: the rule that backtest --store left in the embedding, else cosine'),
      ...fields.admission,
      exclude: fields.keyList(maxKeys).optional().describe('categories that are no answer'),
    }),
    response: z.object({
      ...fields.answeredBy,
      alignment: fields.alignment,
      recall: fields.recall,
      rule: z.enum(vectorRules).describe('the rule that scored'),
      recommendations: z.array(
        z
          .looseObject({ category: z.string(), score: z.number(), count: z.number(), origin: fields.origin })
          .describe('beside these, the attributes of the category by their names'),
      ),
      unknown: fields.unknownKeys,
    }),
    respond: ({ body, shelf }) =>
      shelf.use('embedding', body, async (served) => {
        const { history = [], weights, like = [], unlike = [], k, rule = served.recommender.rule } = body;
        const named = {
          past: splitKeys(served, history),
          like: splitKeys(served, like),
          unlike: splitKeys(served, unlike),
        };
        const { options, unknown: excluded } = admissionOf(served, body);
        const unknown = [...named.past.unknown, ...named.like.unknown, ...named.unlike.unknown];
        if (named.past.known.length + named.like.known.length + named.unlike.known.length === 0) {
          const got = unknown.length === 0 ? 'an empty one' : `${unknown.length} unknown ones`;
          throw new Problem(422, `history must hold a category of the embedding, got ${got}`, { members: { unknown } });
        }
        const asked = { history, weights, like: named.like.known, unlike: named.unlike.known, k, rule, ...options };
        const found = await served.recommend(asked);
        return {
          ...answeredByOf(served),
          ...(rule === 'cosine' ? recallOfAnswer(served, body) : {}),
          rule,
          recommendations: found.map(({ category, score, count, attributes }) => ({
            ...attributes,
            category,
            score,
            count,
            origin: originOf(served, category),
          })),
          unknown: [...unknown, ...excluded],
        };
      }),
  });
}
