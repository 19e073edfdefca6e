/**
 * One session on a Spark Connect server: operations whose rows arrive exactly once, whatever happens to the connection.
 *
 * Operations are reattachable: when a stream ends early, it resumes after the last answer that was read. Rows carry
 * their place in the result, so that one that is missing or comes twice is noticed.
 */
import { randomUUID } from 'node:crypto';
import { InputError } from '../checks.js';
import type { SparkAddress } from './address.js';
import { failureOf, noConnection, refusal, TransientFailure } from './failures.js';
import { Channel, GrpcError, grpcCodes } from './grpc.js';
import * as messages from './messages.js';

/** How to open a session. */
export interface SessionOptions {
  readonly address: SparkAddress;
  readonly token?: string | undefined;
  /** certificates of the authorities to trust, PEM */
  readonly ca?: string | undefined;
  /** whom the server's logs show as the user */
  readonly user?: string | undefined;
  /** what the server's logs show as the program */
  readonly clientType: string;
  /** shown by the server beside each operation */
  readonly tag: string;
  readonly signal?: AbortSignal | undefined;
}

/** How far Spark's own stages are. */
export interface StageProgress {
  /** share of the tasks of the stages known so far, 0 … 1 */
  readonly share: number;
}

/** How to execute. */
export interface ExecuteOptions {
  readonly onProgress?: ((progress: StageProgress) => void) | undefined;
  /** whether it runs to its end although the session's signal is raised, as what tidies up does; default false */
  readonly isTidying?: boolean | undefined;
}

/** Rows of a result in Arrow's stream format. */
export interface ArrowBatch {
  readonly rowCount: number;
  readonly data: Uint8Array;
}

/** How long a run waits between attempts to reach a server, all in all; the sentence comes within 20 s. */
const patienceMs = 12_000;
const longestPauseMs = 4000;
/** How long a server is given to end what it was told to stop. */
const longestEndMs = 20_000;
/** Answers between two messages that let the server forget what was read. */
const releaseEvery = 16;
const service = '/spark.connect.SparkConnectService';

/** A session; opened by `openSession`, closed by `close`. */
export class SparkSession {
  readonly #options: SessionOptions;
  readonly #channel: Channel;
  readonly #sessionId = randomUUID();
  #serverSession: string | undefined;
  #isGone = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { address, token, ca } = options;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#channel = new Channel({ url: address.url, headers, ca });
  }

  /** Spark's version. @throws InputError if there is no server, or it does not let us in */
  async version(): Promise<string> {
    const request = messages.AnalyzePlanRequest.toBytes({ ...this.#common(), sparkVersion: {} });
    const answer = messages.AnalyzePlanResponse.fromBytes(await this.#call('AnalyzePlan', request));
    this.#serverSession = answer.serverSession;
    return answer.sparkVersion?.version ?? '';
  }

  /** Sets options of this session. */
  async configure(options: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(options).map(([key, value]) => ({ key, value }));
    await this.#call('Config', messages.ConfigRequest.toBytes({ ...this.#observing(), operation: { set: { pairs } } }));
  }

  /**
   * Says what the next operations are for: Spark shows it beside their jobs, in place of the request. A server that
   * does not let it be set shows the tag alone.
   */
  async describe(what: string): Promise<void> {
    const described = this.configure({ 'spark.job.description': `${this.#options.tag}: ${what}` });
    await described.catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
    });
  }

  /** Runs a statement that has no rows. */
  async run(sql: string, options: ExecuteOptions = {}): Promise<void> {
    const plan = { command: { sqlCommand: { sql, input: { sql: { query: sql } } } } };
    for await (const _ of this.#execute(plan, options));
  }

  /** The rows of a query, each exactly once, in their order. */
  query(sql: string, options: ExecuteOptions = {}): AsyncGenerator<ArrowBatch> {
    return this.#execute({ root: { sql: { query: sql } } }, options);
  }

  /** Ends the session on the server, as far as that can be done, and the connection. */
  async close(): Promise<void> {
    const request = messages.ReleaseSessionRequest.toBytes(this.#common());
    await this.#quietly('ReleaseSession', request);
    this.#channel.close();
  }

  async *#execute(
    plan: messages.PlanValue,
    { onProgress, isTidying = false }: ExecuteOptions,
  ): AsyncGenerator<ArrowBatch> {
    const signal = isTidying ? undefined : this.#options.signal;
    const operation = new Operation(plan);
    let waitedMs = 0;
    let pauseMs = 50;
    try {
      for (;;) {
        try {
          for await (const answer of this.#attempt(operation, signal)) {
            waitedMs = 0;
            pauseMs = 50;
            this.#checkServer(answer);
            if (!operation.isNew(answer)) continue;
            if (answer.progress !== undefined) onProgress?.(progressOf(answer.progress));
            const batch = operation.accept(answer);
            if (batch !== undefined) yield batch;
            if (operation.isDone) return;
            if (operation.answers % releaseEvery === 0) this.#release(operation);
          }
          // ended well but early, as servers do every few minutes
          waitedMs = 0;
        } catch (error) {
          signal?.throwIfAborted();
          await this.#checkRetry(error, operation);
          // who has waited for a server once does not wait again to tidy up
          if (waitedMs > patienceMs || this.#isGone) {
            this.#isGone = true;
            throw new InputError(
              `the Spark server ${this.#options.address.name} is gone: no answer after ` +
                `${Math.round(waitedMs / 1000)} s of attempts; run the command again`,
              { cause: error },
            );
          }
        }
        await pause(pauseMs, signal);
        waitedMs += pauseMs;
        pauseMs = Math.min(pauseMs * 3, longestPauseMs);
      }
    } finally {
      await this.#end(operation);
    }
  }

  /** One stream of answers: the first of an operation, or one behind the last answer. */
  async *#attempt(operation: Operation, signal: AbortSignal | undefined): AsyncGenerator<messages.ExecuteAnswer> {
    const { tag } = this.#options;
    const { operationId, lastResponseId } = operation;
    const isFirst = !operation.isStarted;
    const request = isFirst
      ? messages.ExecutePlanRequest.toBytes({
          ...this.#observing(),
          operationId,
          plan: operation.plan,
          requestOptions: [{ reattachOptions: { reattachable: true } }],
          tags: [tag],
        })
      : messages.ReattachExecuteRequest.toBytes({ ...this.#observing(), operationId, lastResponseId });
    const path = `${service}/${isFirst ? 'ExecutePlan' : 'ReattachExecute'}`;
    operation.isStarted = true;
    for await (const bytes of this.#channel.stream({ path, request, signal })) {
      yield messages.ExecutePlanResponse.fromBytes(bytes);
    }
  }

  /** @throws InputError for a server that has forgotten the session: what it kept for us is lost */
  #checkServer({ serverSession }: messages.ExecuteAnswer): void {
    const known = this.#serverSession;
    if (serverSession === undefined || serverSession === known) return;
    if (known !== undefined) throw this.#restarted();
    this.#serverSession = serverSession;
  }

  #restarted(): InputError {
    return new InputError(
      `the Spark server ${this.#options.address.name} was restarted during the run; run the command again`,
    );
  }

  /** Returns where another attempt may help, throws where none does. */
  async #checkRetry(error: unknown, operation: Operation): Promise<void> {
    if (!(error instanceof GrpcError)) throw error;
    const failure = failureOf(error);
    const isUnknown = /OPERATION_NOT_FOUND|SESSION_NOT_FOUND|SESSION_CHANGED|SESSION_CLOSED/.test(
      `${failure.errorClass} ${error.message}`,
    );
    if (isUnknown) {
      if (operation.answers > 0 || /SESSION/.test(`${failure.errorClass}`)) throw this.#restarted();
      operation.restart();
      return;
    }
    const isBroken =
      error.code === grpcCodes.unavailable ||
      error.code === grpcCodes.aborted ||
      error.code === grpcCodes.canceled ||
      /INVALID_CURSOR\.DISCONNECTED/.test(error.message);
    if (!isBroken) throw await this.#explained(error);
  }

  /** Lets the server forget the answers that were read. */
  #release({ operationId, lastResponseId }: Operation): void {
    const request = { ...this.#observing(), operationId, releaseUntil: { responseId: lastResponseId } };
    void this.#quietly('ReleaseExecute', messages.ReleaseExecuteRequest.toBytes(request));
  }

  /** Ends an operation: forgets it where it is done, stops it where it is not. */
  async #end(operation: Operation): Promise<void> {
    const { operationId, isDone, isStarted } = operation;
    if (!isStarted) return;
    if (!isDone) {
      const request = { ...this.#observing(), interruptType: 3, operationId };
      const isHeard = await this.#quietly('Interrupt', messages.InterruptRequest.toBytes(request));
      if (isHeard && this.#options.signal?.aborted === true) await this.#untilOver(operation);
    }
    const release = { ...this.#observing(), operationId, releaseAll: {} };
    await this.#quietly('ReleaseExecute', messages.ReleaseExecuteRequest.toBytes(release));
  }

  /** Waits until the server has ended an operation that was stopped, so that its files can be removed. */
  async #untilOver({ operationId, lastResponseId }: Operation): Promise<void> {
    const request = messages.ReattachExecuteRequest.toBytes({ ...this.#observing(), operationId, lastResponseId });
    const call = { path: `${service}/ReattachExecute`, request, signal: AbortSignal.timeout(longestEndMs) };
    try {
      for await (const _ of this.#channel.stream(call));
    } catch {
      // it ends with an error, as what was stopped does
    }
  }

  async #call(method: string, request: Uint8Array): Promise<Uint8Array> {
    const { signal } = this.#options;
    try {
      return await this.#channel.unary({ path: `${service}/${method}`, request, signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof GrpcError ? await this.#explained(error) : error;
    }
  }

  /** Says something that is not worth failing for. @returns whether it was heard */
  #quietly(method: string, request: Uint8Array): Promise<boolean> {
    const call = this.#channel.unary({ path: `${service}/${method}`, request, timeoutMs: 3000 });
    return call.then(
      () => true,
      () => false,
    );
  }

  /** The sentence for a failed call, with the server's whole text where it keeps one. */
  async #explained(error: GrpcError): Promise<Error> {
    const { name } = this.#options.address;
    const connection = noConnection(error, name);
    if (connection !== undefined) return connection;
    if (error.code === grpcCodes.unavailable) return new InputError(`${name} cannot be reached: ${error.message}`);
    const failure = failureOf(error);
    return refusal({ ...failure, ...(await this.#wholeText(failure.errorId)) });
  }

  async #wholeText(errorId: string | undefined) {
    if (errorId === undefined) return {};
    const request = messages.FetchErrorDetailsRequest.toBytes({ ...this.#observing(), errorId });
    const call = this.#channel.unary({ path: `${service}/FetchErrorDetails`, request, timeoutMs: 3000 });
    const answer = await call.then(
      (bytes) => messages.FetchErrorDetailsResponse.fromBytes(bytes),
      () => undefined,
    );
    const root = answer?.errors?.[answer.rootErrorIndex ?? 0];
    if (root?.message === undefined) return {};
    const { errorClass, sqlState } = root.throwable ?? {};
    const causes = (answer?.errors ?? []).flatMap(({ message }) => message ?? []);
    return { message: root.message, causes, ...(errorClass && { errorClass }), ...(sqlState && { sqlState }) };
  }

  #common() {
    const { user = 'category2vec', clientType } = this.#options;
    return { sessionId: this.#sessionId, userContext: { userId: user }, clientType };
  }

  #observing() {
    return { ...this.#common(), observedServerSession: this.#serverSession };
  }
}

/** Where one operation stands. */
class Operation {
  operationId = randomUUID();
  lastResponseId: string | undefined;
  isStarted = false;
  isDone = false;
  answers = 0;
  #rows = 0;

  constructor(readonly plan: messages.PlanValue) {}

  /** Whether an answer has not been read before. */
  isNew({ responseId }: messages.ExecuteAnswer): boolean {
    return responseId === undefined || responseId !== this.lastResponseId;
  }

  /** Notes an answer. @returns its rows, if they are new */
  accept({ responseId, arrowBatch, resultComplete }: messages.ExecuteAnswer): ArrowBatch | undefined {
    this.lastResponseId = responseId ?? this.lastResponseId;
    this.answers++;
    if (resultComplete !== undefined) this.isDone = true;
    if (arrowBatch?.data === undefined) return undefined;
    const { rowCount = 0, startOffset, data } = arrowBatch;
    if (startOffset !== undefined && startOffset < this.#rows) return undefined;
    if (startOffset !== undefined && startOffset > this.#rows) {
      throw new TransientFailure(
        `rows ${this.#rows} to ${startOffset} of a result were lost on the way; run the command again`,
      );
    }
    this.#rows += rowCount;
    return { rowCount, data };
  }

  /** Begins anew: the server never heard of it. */
  restart(): void {
    this.operationId = randomUUID();
    this.isStarted = false;
  }
}

function progressOf({ stages = [] }: NonNullable<messages.ExecuteAnswer['progress']>): StageProgress {
  const tasks = stages.reduce((sum, stage) => sum + (stage.tasks ?? 0), 0);
  const done = stages.reduce((sum, stage) => sum + (stage.completedTasks ?? 0), 0);
  return { share: tasks === 0 ? 0 : done / tasks };
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('stopped'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
