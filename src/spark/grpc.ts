/**
 * gRPC over node:http2: unary calls and streams from the server.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import http2 from 'node:http2';

/** gRPC's status codes, those that are told apart here. */
export const grpcCodes = {
  canceled: 1,
  unknown: 2,
  permission: 7,
  aborted: 10,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
};

/** A call that ended with another status than OK, or not at all. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  constructor(
    /** gRPC's status code */
    readonly code: number,
    message: string,
    /** google.rpc.Status, where the server sent one */
    readonly details?: Uint8Array,
    /** Node's code where the connection failed: ECONNREFUSED, CERT_HAS_EXPIRED … */
    readonly systemCode?: string,
  ) {
    super(message);
  }
}

/** Where and how to connect. */
export interface ChannelOptions {
  /** `http://host:port` or `https://host:port` */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** certificates of the authorities to trust, PEM; the system's where absent */
  readonly ca?: string | undefined;
  /** default 5 s */
  readonly pingEveryMs?: number | undefined;
}

/** A call of a method of one service. */
export interface Call {
  /** `/package.Service/Method` */
  readonly path: string;
  readonly request: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** ends the call with UNAVAILABLE after this time */
  readonly timeoutMs?: number | undefined;
}

/** Bytes that a server may send before we have read them: 200 MB/s at 20 ms round trip, where HTTP/2's 64 KiB give 2. */
const streamWindow = 16 << 20;
/** A longer message is no message of Spark's. */
const longestMessage = 1 << 30;
const usualPingMs = 5000;
/** Pings without an answer that make a server count as gone after as many intervals. */
const mostSilentIntervals = 2;
/**
 * Pings until the server sends something again. gRPC's servers close the connection at the fourth (ENHANCE_YOUR_CALM:
 * two strikes are forgiven, and a ping counts as one within five minutes of another).
 */
const mostPings = 2;

/** One connection, opened at the first call and anew after it has broken. */
export class Channel {
  readonly #options: ChannelOptions;
  #session: http2.ClientHttp2Session | undefined;
  #failure: NodeJS.ErrnoException | undefined;
  #heard: () => void = () => undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Every message of a stream. @throws GrpcError */
  async *stream({ path, request, signal, timeoutMs }: Call): AsyncGenerator<Uint8Array> {
    signal?.throwIfAborted();
    const session = this.#connect();
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc+proto', te: 'trailers' };
    const call = session.request({ ...headers, ...this.#options.headers }, signal === undefined ? {} : { signal });
    if (timeoutMs !== undefined) call.setTimeout(timeoutMs, () => call.close(http2.constants.NGHTTP2_CANCEL));
    let status: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
    const heard = this.#heard;
    call.on('response', (response) => {
      heard();
      status = response;
    });
    call.on('trailers', (trailers) => (status = { ...status, ...trailers }));
    try {
      call.end(framed(request));
      yield* messagesOf(call, heard);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof GrpcError) throw error;
      throw this.#broken(error);
    } finally {
      if (!call.closed) call.close(http2.constants.NGHTTP2_CANCEL);
    }
    signal?.throwIfAborted();
    checkStatus(status, this.#failure);
  }

  /** The only message of a call. @throws GrpcError */
  async unary(call: Call): Promise<Uint8Array> {
    for await (const message of this.stream({ timeoutMs: 20_000, ...call })) return message;
    throw new GrpcError(grpcCodes.unavailable, 'the call ended without an answer');
  }

  /** Ends the connection at once. */
  close(): void {
    this.#session?.destroy();
  }

  #connect(): http2.ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const { url, ca, pingEveryMs = usualPingMs } = this.#options;
    const settings = { initialWindowSize: streamWindow, enablePush: false };
    const session = http2.connect(url, { settings, ...(ca === undefined ? {} : { ca }) });
    this.#failure = undefined;
    session.on('error', (error: NodeJS.ErrnoException) => (this.#failure = error));
    session.once('connect', (_, socket) => {
      session.setLocalWindowSize(2 * streamWindow);
      // a machine that is gone is noticed by the system, which no server can tell from silence
      if (!socket.destroyed) socket.setKeepAlive(true, pingEveryMs);
    });
    this.#heard = keepAlive(session, pingEveryMs);
    this.#session = session;
    return session;
  }

  #broken(error: unknown): GrpcError {
    const cause = this.#failure ?? (error instanceof Error ? error : undefined);
    const code = cause !== undefined && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
    return new GrpcError(grpcCodes.unavailable, cause?.message ?? 'the connection broke', undefined, code);
  }
}

/**
 * Destroys a connection whose other side has fallen silent, so that its calls end.
 *
 * @returns to be called whenever the server has sent something
 */
function keepAlive(session: http2.ClientHttp2Session, pingEveryMs: number): () => void {
  let isWaiting = false;
  let silent = 0;
  let pings = 0;
  const timer = setInterval(() => {
    if (session.destroyed) return clearInterval(timer);
    silent++;
    if (isWaiting && silent >= mostSilentIntervals) session.destroy(new Error('the server has fallen silent'));
    if (isWaiting || session.connecting || pings >= mostPings) return;
    isWaiting = true;
    pings++;
    silent = 0;
    session.ping(() => (isWaiting = false));
  }, pingEveryMs);
  timer.unref();
  session.once('close', () => clearInterval(timer));
  return () => {
    pings = 0;
    silent = 0;
  };
}

/** A message behind its header: a byte for compression, which is not used, and the length. */
function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

/** Cuts a stream of bytes into messages. */
async function* messagesOf(call: AsyncIterable<Buffer>, heard: () => void): AsyncGenerator<Uint8Array> {
  let chunks: Buffer[] = [];
  let size = 0;
  let wanted = 5;
  for await (const chunk of call) {
    heard();
    chunks.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      const [only = chunk] = chunks;
      const all = chunks.length === 1 ? only : Buffer.concat(chunks, size);
      const length = all.readUInt32BE(1);
      if (all[0] !== 0 || length > longestMessage) {
        throw new GrpcError(grpcCodes.internal, `a message of ${length} bytes (compression ${all[0]}) cannot be read`);
      }
      wanted = 5 + length;
      chunks = [all];
      if (size < wanted) break;
      yield all.subarray(5, wanted);
      chunks = [all.subarray(wanted)];
      size -= wanted;
      wanted = 5;
    }
  }
  if (size > 0) throw new GrpcError(grpcCodes.unavailable, 'the stream ended inside a message');
}

/** @throws GrpcError for anything but the status OK */
function checkStatus(
  status: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader,
  failure: NodeJS.ErrnoException | undefined,
): void {
  const http = status[':status'];
  const code = status['grpc-status'];
  if (code === '0') return;
  if (code === undefined) {
    if (http === 401) throw new GrpcError(grpcCodes.unauthenticated, 'HTTP status 401');
    if (http === 403) throw new GrpcError(grpcCodes.permission, 'HTTP status 403');
    const isGone = http === undefined || http === 200 || http >= 502;
    const what =
      failure?.message ?? (http === undefined ? 'the connection ended' : `HTTP status ${http}, no gRPC status`);
    throw new GrpcError(isGone ? grpcCodes.unavailable : grpcCodes.unknown, what, undefined, failure?.code);
  }
  const details = status['grpc-status-details-bin'];
  throw new GrpcError(
    Number(code),
    decoded(String(status['grpc-message'] ?? '')),
    typeof details === 'string' ? Buffer.from(details, 'base64') : undefined,
  );
}

function decoded(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
