/** A service on a port: listening, and ending without cutting an answer off. */
import { getRequestListener } from '@hono/node-server';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { bind } from './bind.js';
import { malformedAnswer, malformedResponse } from './problem.js';
import { holdYoungGeneration } from './release-memory.js';
import type { Service } from './serve.js';

/** Where to listen, and how long requests may take to end. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one */
  readonly port: number;
  /** milliseconds that requests under way have after the end has begun */
  readonly drainMs: number;
}

/** A service that listens. */
export interface ListeningService {
  readonly url: string;
  /** is no longer ready, soon takes no new connections, waits for the answers under way, and frees the models */
  readonly close: () => Promise<void>;
}

/**
 * Listens on a port.
 *
 * @throws InputError where the port or the host cannot be had
 */
export async function listen(service: Service, { host, port, drainMs }: ListenOptions): Promise<ListeningService> {
  // longer than the 60 s for which proxies keep a connection open, so that they are the ones to end it
  const serverOptions = { keepAliveTimeout: 65_000, requestTimeout: 60_000 };
  const server = createServer(serverOptions, getRequestListener(service.fetch, { errorHandler: malformedResponse }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(malformedAnswer(error.code));
  });
  holdYoungGeneration();
  const arrivals = watchArrivals(server);
  await bind(server, host, port);
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    close: async () => {
      service.drain();
      await arrivals();
      await end(server, drainMs);
      await service.close();
    },
  };
}

/**
 * Milliseconds for which requests that are on their way are still taken; meanwhile `/readyz` says 503. The second is
 * for silent connections.
 */
const [graceMs, longestGraceMs] = [250, 2000];

/** Waits until every connection has brought a request: one that is closed before would look broken to the other side. */
function watchArrivals(server: Server): () => Promise<void> {
  const silent = new Set<Socket>();
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return async () => {
    await pause(graceMs);
    // oxlint-disable-next-line no-await-in-loop -- looks again and again
    for (let ms = graceMs; silent.size > 0 && ms < longestGraceMs; ms += 20) await pause(20);
  };
}

function end(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
