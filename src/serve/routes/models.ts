/** `GET /v1/models` and `GET /v1/models/{name}`: what is served, in which versions, and how it was made. */
import { z } from 'zod';
import { spellingHint } from '../../closest-spellings.js';
import { defineRoute } from '../define-route.js';
import type { ModelVersion } from '../model-version.js';
import type { ShelvedModel } from '../model-shelf.js';
import { recallOf } from '../embedding-query.js';
import { Problem } from '../problem.js';
import * as fields from '../schemas.js';

const short = {
  name: z.string(),
  kind: z.enum(['embedding', 'click model']).nullable().describe('null where no version of it could be opened'),
  version: z.string().nullable().describe('id of the served version'),
  alignment: z.string().nullable(),
  recall: fields.recall,
};
const refused = z
  .array(z.object({ name: z.string(), reason: z.string() }))
  .describe('versions that could not be opened');

/** The list. */
export const modelsRoute = defineRoute({
  method: 'GET',
  path: '/v1/models',
  summary: 'All models',
  response: z.object({ models: z.array(z.object({ ...short, versions: z.int(), refused })) }),
  respond: ({ shelf }) => ({
    models: shelf.models.map((model) => ({
      ...shortOf(model),
      versions: model.versions.length,
      refused: model.refused,
    })),
  }),
});

const json = z.record(z.string(), z.unknown());

/** One model. */
export const modelRoute = defineRoute({
  method: 'GET',
  path: '/v1/models/{name}',
  summary: 'One model with its versions, options and measures',
  response: z.object({
    ...short,
    versions: z.array(
      z.object({
        version: z.string(),
        name: z.string().describe('name of its file or folder'),
        alignment: fields.alignment.nullable(),
        isServed: z.boolean(),
        options: json,
        measures: json,
        provenance: json.describe('everything that the file says of how it was made'),
        categories: z.int().optional(),
        dimension: z.int().optional(),
        attributes: z.array(z.string()).optional(),
        hasOutputVectors: z.boolean().optional(),
        approximate: z
          .object({ recall: z.number(), clusters: z.int(), visited: z.int() })
          .optional()
          .describe('where neighbors are searched in the nearest clusters alone: at least so many categories'),
        columns: z
          .array(z.object({ name: z.string(), kind: z.enum(['categorical', 'numeric', 'list']), isTimed: z.boolean() }))
          .optional()
          .describe('what the rows of a prediction must have'),
        spaces: z
          .array(z.object({ column: z.string(), domain: z.string(), version: z.string(), alignment: z.string() }))
          .optional()
          .describe('the embeddings that a click model was made from'),
        rule: z.string().optional().describe('scoring rule of recommendations that name none'),
      }),
    ),
    refused,
  }),
  respond: ({ shelf, params: { name = '' } }) => {
    const names = shelf.models.map((model) => model.name);
    const model = shelf.models.find((one) => one.name === name);
    if (model === undefined) {
      const there = names.length === 0 ? 'there are none' : `the models are ${names.join(', ')}`;
      throw new Problem(404, `no model is called ${JSON.stringify(name)}; ${there}${spellingHint(name, names)}`);
    }
    return {
      ...shortOf(model),
      versions: model.versions.map((version, i) => ({ ...describe(version), isServed: i === 0 })),
      refused: model.refused,
    };
  },
});

function shortOf({ name, versions: [served] }: ShelvedModel) {
  return {
    name,
    kind: served?.kind ?? null,
    version: served?.version ?? null,
    alignment: served?.alignment ?? null,
    ...recallOf(served),
  };
}

function describe(served: ModelVersion) {
  const { version, alignment, place } = served;
  const { provenance } = served.kind === 'embedding' ? served.embedding : served.clickModel;
  const { options = {}, measures = {} } = provenance;
  const shared = { version, name: place.name, alignment, options, measures, provenance };
  if (served.kind === 'click model') {
    return { ...shared, columns: served.predictor.columns, spaces: served.spaces };
  }
  const { embedding, recommender, approximate } = served;
  return {
    ...shared,
    categories: embedding.vocabulary.size,
    dimension: embedding.dimension,
    attributes: [...embedding.attributes.keys()],
    hasOutputVectors: embedding.outputVectors !== undefined,
    ...(approximate === undefined ? {} : { approximate }),
    rule: recommender.rule,
  };
}
