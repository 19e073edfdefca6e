import http2 from 'node:http2';
import { afterEach, expect, test, vi } from 'vitest';
import { noConnection } from '../../src/spark/failures.js';
import { Channel, GrpcError, grpcCodes } from '../../src/spark/grpc.js';

const pingEveryMs = 20;

afterEach(() => void vi.useRealTimers());

test('a server is not asked too often whether it is there while it is silent', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  // as gRPC's servers do: of pings since something was last sent, the fourth ends the connection
  let pings = 0;
  const server = http2.createServer();
  server.on('session', (session) => session.on('ping', () => ++pings > 3 && session.goaway(11)));
  server.on('stream', async (stream) => {
    pings = 0;
    for (let interval = 0; interval < 25; interval++) {
      vi.advanceTimersByTime(pingEveryMs);
      // after the first the client's ping is here, after the second its answer is there
      for (let i = 0; i < 2; i++) await new Promise((resolve) => stream.session?.ping(resolve));
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.of(0, 0, 0, 0, 1, 7));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const channel = new Channel({ url: `http://127.0.0.1:${port}`, pingEveryMs });

  for (const call of ['/service/First', '/service/Second']) {
    expect([...(await channel.unary({ path: call, request: new Uint8Array(0) }))]).toEqual([7]);
    expect(pings).toBeGreaterThan(0);
    expect(pings).toBeLessThanOrEqual(3);
  }
  channel.close();
  await new Promise((resolve) => server.close(resolve));
});

test('a connection that its server closes is not said to be one to another program', () => {
  const message = 'Session closed with error code 11';
  const error = new GrpcError(grpcCodes.unavailable, message, undefined, 'ERR_HTTP2_SESSION_ERROR');

  expect(noConnection(error, 'spark://h:1')?.message).toMatch(/^spark:\/\/h:1 closed the connection, because/);
});
