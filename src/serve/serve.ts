/** A service over a folder of models, as one function from Request to Response or as a handler for the servers of Node. */
import { getRequestListener } from '@hono/node-server';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkInteger } from '../checks.js';
import { resolveOptions } from '../option-table.js';
import { checkCall, folder as aFolder, tableKind, objectWith } from '../step.js';
import { checkHost, tokenCheck } from './access.js';
import { createApplication } from './application.js';
import { limitOptions, milliseconds, type Limits } from './limits.js';
import { bugLine, requestLine, versionLine, type LogLine } from './log.js';
import { Metrics } from './metrics.js';
import { openVersion } from './model-version.js';
import { malformedResponse } from './problem.js';
import { ModelShelf, type ShelvedModel } from './model-shelf.js';
import { routesOf } from './routes.js';

export type { NearestAsk } from '../embedding/nearest.js';
export type { Limits } from './limits.js';
export type { LogLine } from './log.js';
export type { VersionPlace } from './model-folder.js';
export type { RefusedVersion, ShelvedModel } from './model-shelf.js';
export type { Approximation, ClickModelVersion, EmbeddingVersion, ModelVersion, Version } from './model-version.js';

/** How a service is set up. */
export interface ServiceOptions extends Limits {
  /** what `Authorization: Bearer …` must hold; without it nobody is asked */
  readonly token?: string | undefined;
  /**
   * whether the Host header must be one of this machine's own names; default false: an application that calls it checks
   * its own
   */
  readonly isLoopback?: boolean | undefined;
  /** versions of each model that stay open; default 2 */
  readonly keep?: number | undefined;
  /** time from one look at the folder to the next, such as `2s`, which is the default; `none`: only when `refresh` is called */
  readonly poll?: string | number | undefined;
  /**
   * embeddings of so many categories and more are searched approximately, as `/v1/models` says with the recall; default
   * none
   */
  readonly approximateFrom?: number | undefined;
  /** is given every line of the log; default none */
  readonly onLog?: ((line: LogLine) => void) | undefined;
}

/** A service that runs. */
export interface Service {
  /** answers a request; the paths begin with `/v1/` */
  readonly fetch: (request: Request) => Promise<Response>;
  /** the same for Node's servers, Express (`app.use('/vectors', handler)`) and Fastify; a body must not have been read before */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** the models of the folder */
  readonly models: () => readonly ShelvedModel[];
  /** looks at the folder now */
  readonly refresh: () => Promise<void>;
  /** requests whose work has not ended */
  readonly underWay: () => number;
  /** from now on it is not ready, and connections end with their answer */
  readonly drain: () => void;
  /** stops looking at the folder and frees the models */
  readonly close: () => Promise<void>;
}

const aRequest = objectWith('a request', ['method', 'url', 'headers']);
const aResponse = objectWith("a response of Node's http", ['setHeader', 'end']);

/**
 * Opens a folder of models and serves them.
 *
 * @param folder - each Parquet file an embedding, each folder with `model.json` a click model, each other folder a
 *   model whose files and folders are its versions, of which the last by name is served
 * @throws InputError for an option out of range. A model that cannot be opened is reported by `/v1/models` and the log,
 *   and not served
 */
export async function openService(folder: string, options: ServiceOptions = {}): Promise<Service> {
  checkCall('openService(folder, options)', {
    folder: [folder, aFolder],
    options: [options, tableKind(limitOptions, 'token', 'isLoopback', 'keep', 'poll', 'approximateFrom', 'onLog')],
  });
  const { token, isLoopback = false, keep = 2, poll = '2s', approximateFrom, onLog, ...given } = options;
  checkInteger('keep', keep, { min: 1 });
  if (approximateFrom !== undefined) checkInteger('approximateFrom', approximateFrom, { min: 1 });
  const pollMs = milliseconds('poll', poll);
  const limits = resolveOptions(limitOptions, given);
  const metrics = new Metrics(gaugesOf(() => ({ models: shelf.models, underWay: application.underWay() })));
  const shelf = new ModelShelf(folder, {
    keep,
    open: async (place) => openVersion(place, { approximateFrom }),
    onEvent: (event) => {
      metrics.addVersion(event.model, event.event);
      onLog?.(versionLine(new Date(), event));
    },
  });
  const application = createApplication({
    routes: routesOf(limits),
    shelf,
    metrics,
    limits,
    deadlineMs: milliseconds('deadline', limits.deadline),
    checkOrigin: isLoopback ? checkHost : undefined,
    checkToken: token === undefined ? undefined : tokenCheck(token),
    onRequest: (request) => onLog?.(requestLine(new Date(), request)),
    onBug: (error) => onLog?.(bugLine(new Date(), error)),
  });
  const listener = getRequestListener(application.fetch, {
    overrideGlobalObjects: false,
    errorHandler: malformedResponse,
  });
  await shelf.refresh();
  const timer = pollMs === undefined ? undefined : setInterval(() => void shelf.refresh(), pollMs).unref();
  return {
    fetch: async (request) => {
      checkCall('service.fetch(request)', { request: [request, aRequest] });
      return application.fetch(request);
    },
    handler: async (request, response) => {
      checkCall('service.handler(request, response)', {
        request: [request, aRequest],
        response: [response, aResponse],
      });
      return listener(request, response);
    },
    models: () => shelf.models,
    refresh: () => shelf.refresh(),
    underWay: application.underWay,
    drain: () => application.drain(),
    close: async () => {
      clearInterval(timer);
      await shelf.close();
    },
  };
}

interface State {
  readonly models: readonly ShelvedModel[];
  readonly underWay: number;
}

function gaugesOf(state: () => State) {
  return [
    {
      name: 'category2vec_requests_under_way',
      help: 'Requests whose work has not ended.',
      read: () => [{ labels: {}, value: state().underWay }],
    },
    {
      name: 'category2vec_categories',
      help: 'Categories of the served version of each embedding.',
      read: () =>
        state().models.flatMap(({ name, versions: [served] }) =>
          served?.kind === 'embedding'
            ? [{ labels: { model: name, version: served.version }, value: served.embedding.vocabulary.size }]
            : [],
        ),
    },
    {
      name: 'category2vec_versions_open',
      help: 'Open versions of each model.',
      read: () => state().models.map(({ name, versions }) => ({ labels: { model: name }, value: versions.length })),
    },
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory of the process.',
      read: () => [{ labels: {}, value: process.memoryUsage.rss() }],
    },
  ];
}
