/** A Spark Connect server in this process that answers what a test tells it to, and breaks as a test tells it to. */
import http2 from 'node:http2';
import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import * as messages from '../../src/spark/messages.js';
import type { Message, ValueOf } from '../../src/spark/wire.js';

type Answer = ValueOf<typeof messages.ExecutePlanResponse>;

/**
 * What happens to a stream of answers: `ends` well but early, is `cut`, or the whole connection is `reset`; after so
 * many answers.
 */
export interface Fault {
  readonly kind: 'ends' | 'cut' | 'reset' | 'half a message';
  readonly after: number;
}

/** How the server behaves. */
export interface Behavior {
  /** rows of the result of every query, 0 … rows − 1 in the column `id` */
  readonly rows?: number;
  readonly rowsPerAnswer?: number;
  /** faults of the streams, the first of the first */
  readonly faults?: readonly Fault[];
  /** sends every answer twice */
  readonly isDoubling?: boolean;
  /** answers that are never sent, by place */
  readonly lost?: readonly number[];
  /** the server's session changes at this answer */
  readonly restartsAt?: number;
  /** refuses with this status */
  readonly refusal?: {
    readonly code: number;
    readonly message: string;
    readonly metadata?: Readonly<Record<string, string>>;
  };
  /** does not let its options be set */
  readonly isFixed?: boolean;
  /** never answers a query, unless it is interrupted: then when this is done */
  readonly isSilentUntil?: Promise<void>;
  readonly token?: string;
  /** speaks TLS with this key and certificate, PEM */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A running fake, and what it was asked. */
export interface FakeServer {
  readonly address: string;
  readonly calls: string[];
  /** options of the session, as they are */
  readonly settings: Map<string, string>;
  /** each operation's tags, and what was said to be done at that time */
  readonly operations: { readonly tags: readonly string[]; readonly description: string | undefined }[];
  readonly interrupted: string[];
  behavior: Behavior;
  readonly stop: () => Promise<void>;
}

/** Starts a fake server on a free port. */
export async function startFake(behavior: Behavior = {}): Promise<FakeServer> {
  const { tls } = behavior;
  const server = tls === undefined ? http2.createServer() : http2.createSecureServer(tls);
  const connections = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => {
    connections.add(session);
    session.on('error', () => undefined);
    session.on('close', () => connections.delete(session));
  });
  const fake: FakeServer & { address: string } = {
    address: '',
    calls: [],
    settings: new Map(),
    operations: [],
    interrupted: [],
    behavior,
    stop,
  };
  const streams = { count: 0 };
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const method = String(headers[':path']).split('/').at(-1) ?? '';
      fake.calls.push(method);
      answer(stream, { method, headers, request: Buffer.concat(chunks).subarray(5), fake, streams });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  fake.address = `${tls === undefined ? 'spark' : 'sparks'}://127.0.0.1:${typeof at === 'object' && at !== null ? at.port : 0}`;
  return fake;

  function stop(): Promise<void> {
    for (const session of connections) session.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  }
}

interface Asked {
  readonly method: string;
  readonly headers: http2.IncomingHttpHeaders;
  readonly request: Buffer;
  readonly fake: FakeServer;
  readonly streams: { count: number };
}

function answer(stream: http2.ServerHttp2Stream, { method, headers, request, fake, streams }: Asked): void {
  const { behavior } = fake;
  if (behavior.token !== undefined && headers.authorization !== `Bearer ${behavior.token}`) {
    return end(stream, [], { code: 16, message: 'no token' });
  }
  switch (method) {
    case 'AnalyzePlan':
      return end(stream, [
        bytes(messages.AnalyzePlanResponse, { sparkVersion: { version: '4.1.4' }, serverSession: 'a' }),
      ]);
    case 'Config': {
      if (behavior.isFixed === true)
        return end(stream, [], { code: 13, message: '[CANNOT_MODIFY_CONFIG] It is fixed' });
      for (const { key = '', value = '' } of messages.ConfigRequest.fromBytes(request).operation?.set?.pairs ?? [])
        fake.settings.set(key, value);
      return end(stream, [new Uint8Array(0)]);
    }
    case 'ExecutePlan':
    case 'ReattachExecute': {
      const fault = behavior.faults?.[streams.count++];
      if (method === 'ExecutePlan') {
        const { tags = [] } = messages.ExecutePlanRequest.fromBytes(request);
        fake.operations.push({ tags, description: fake.settings.get('spark.job.description') });
      }
      if (method === 'ReattachExecute' && behavior.isSilentUntil !== undefined && fake.interrupted.length > 0) {
        void behavior.isSilentUntil.then(() =>
          end(stream, [], { code: 13, message: '[OPERATION_CANCELED] It is over' }),
        );
        return;
      }
      const last =
        method === 'ReattachExecute' ? messages.ReattachExecuteRequest.fromBytes(request).lastResponseId : undefined;
      return execute(stream, behavior, last === undefined ? 0 : Number(last) + 1, fault);
    }
    case 'Interrupt':
      fake.interrupted.push(messages.InterruptRequest.fromBytes(request).operationId ?? '');
      return end(stream, [new Uint8Array(0)]);
    default:
      return end(stream, [new Uint8Array(0)]);
  }
}

function execute(stream: http2.ServerHttp2Stream, behavior: Behavior, first: number, fault: Fault | undefined): void {
  if (behavior.isSilentUntil !== undefined) return;
  if (behavior.refusal !== undefined) return end(stream, [], behavior.refusal);
  const all = answersOf(behavior);
  const wanted = all.slice(first).filter((_, i) => !(behavior.lost ?? []).includes(first + i));
  const sent = (fault === undefined ? wanted : wanted.slice(0, fault.after)).flatMap((each) =>
    behavior.isDoubling === true ? [each, each] : [each],
  );
  const frames = sent.map((each) => bytes(messages.ExecutePlanResponse, each));
  if (fault === undefined || fault.kind === 'ends') return end(stream, frames);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
  stream.write(Buffer.concat(frames.map(framed)));
  if (fault.kind === 'half a message') stream.write(Buffer.of(0, 0, 0, 0, 99, 1, 2, 3));
  setTimeout(() => {
    if (fault.kind === 'reset') stream.session?.destroy();
    else stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  }, 30);
}

/** The answers of a whole result; the id of an answer is its place. */
function answersOf({ rows = 100, rowsPerAnswer = 10, restartsAt }: Behavior): Answer[] {
  const answers: Answer[] = [];
  const session = () => (restartsAt !== undefined && answers.length >= restartsAt ? 'b' : 'a');
  for (let start = 0; start < rows; start += rowsPerAnswer) {
    const id = Int32Array.from({ length: Math.min(rowsPerAnswer, rows - start) }, (_, i) => start + i);
    const data = tableToIPC(tableFromArrays({ id }), { format: 'stream' }) ?? new Uint8Array(0);
    const arrowBatch = { rowCount: id.length, data, startOffset: start };
    answers.push({ responseId: String(answers.length), serverSession: session(), arrowBatch });
    answers.push({
      responseId: String(answers.length),
      serverSession: session(),
      progress: { stages: [{ tasks: rows, completedTasks: start }] },
    });
  }
  answers.push({ responseId: String(answers.length), serverSession: session(), resultComplete: {} });
  return answers;
}

function bytes<Value>(message: Message<Value>, value: Value): Uint8Array {
  return message.toBytes(value);
}

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function end(stream: http2.ServerHttp2Stream, frames: readonly Uint8Array[], refusal?: Behavior['refusal']): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    const { code = 0, message = '', metadata } = refusal ?? {};
    stream.sendTrailers({
      'grpc-status': String(code),
      'grpc-message': encodeURIComponent(message),
      ...(metadata === undefined ? {} : { 'grpc-status-details-bin': detailsOf(code, message, metadata) }),
    });
  });
  stream.end(Buffer.concat(frames.map(framed)));
}

function detailsOf(code: number, message: string, metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const value = messages.ErrorInfo.toBytes({ reason: 'x', domain: 'org.apache.spark', metadata: pairs });
  const typeUrl = 'type.googleapis.com/google.rpc.ErrorInfo';
  return Buffer.from(messages.Status.toBytes({ code, message, details: [{ typeUrl, value }] })).toString('base64');
}
