/**
 * The part of the Spark Connect protocol that is used here, by field numbers, as in Spark 4.1: spark/connect/base.proto
 * and relations.proto of https://github.com/apache/spark. Fields that are not named are skipped when they arrive.
 */
import { bytes, flag, message, nested, repeated, text, whole, type ValueOf } from './wire.js';

const UserContext = message({ userId: text(1) });
const Sql = message({ query: text(1) });
const Relation = message({ sql: nested(10, Sql) });
const SqlCommand = message({ sql: text(1), input: nested(6, Relation) });
const Command = message({ sqlCommand: nested(5, SqlCommand) });
const Empty = message({});
const KeyValue = message({ key: text(1), value: text(2) });

/** What is to be executed: the root of a query, or a command. One of the two. */
export const Plan = message({ root: nested(1, Relation), command: nested(2, Command) });

/** Starts an operation. */
export const ExecutePlanRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  plan: nested(3, Plan),
  clientType: text(4),
  requestOptions: repeated(nested(5, message({ reattachOptions: nested(1, message({ reattachable: flag(1) })) }))),
  operationId: text(6),
  tags: repeated(text(7)),
  observedServerSession: text(8),
});

/** One answer of an operation: a batch of rows, how far its stages are, or its end. */
export const ExecutePlanResponse = message({
  sessionId: text(1),
  arrowBatch: nested(2, message({ rowCount: whole(1), data: bytes(2), startOffset: whole(3) })),
  operationId: text(12),
  responseId: text(13),
  resultComplete: nested(14, Empty),
  serverSession: text(15),
  progress: nested(
    18,
    message({
      stages: repeated(
        nested(1, message({ stageId: whole(1), tasks: whole(2), completedTasks: whole(3), isDone: flag(5) })),
      ),
      inflightTasks: whole(2),
    }),
  ),
});

/** Resumes an operation after the last answer that was read. */
export const ReattachExecuteRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  operationId: text(3),
  clientType: text(4),
  lastResponseId: text(5),
  observedServerSession: text(6),
});

/** Lets the server forget answers: all, or those up to one. */
export const ReleaseExecuteRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  operationId: text(3),
  clientType: text(4),
  releaseAll: nested(5, Empty),
  releaseUntil: nested(6, message({ responseId: text(1) })),
  observedServerSession: text(7),
});

/** Asks for the server's version. */
export const AnalyzePlanRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  clientType: text(3),
  sparkVersion: nested(10, Empty),
});

/** The server's version. */
export const AnalyzePlanResponse = message({
  sparkVersion: nested(8, message({ version: text(1) })),
  serverSession: text(15),
});

/** Sets options of the session. */
export const ConfigRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  operation: nested(3, message({ set: nested(1, message({ pairs: repeated(nested(1, KeyValue)) })) })),
  clientType: text(4),
  observedServerSession: text(8),
});

/** Which operations to stop; 3 is one, by its id. */
export const InterruptRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  clientType: text(3),
  interruptType: whole(4),
  operationId: text(6),
  observedServerSession: text(7),
});

/** Ends a session. */
export const ReleaseSessionRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  clientType: text(3),
});

/** Asks for the whole text of an error. */
export const FetchErrorDetailsRequest = message({
  sessionId: text(1),
  userContext: nested(2, UserContext),
  errorId: text(3),
  clientType: text(4),
  observedServerSession: text(5),
});

/** An error and what caused it. */
export const FetchErrorDetailsResponse = message({
  rootErrorIndex: whole(1),
  errors: repeated(
    nested(
      2,
      message({
        types: repeated(text(1)),
        message: text(2),
        throwable: nested(5, message({ errorClass: text(1), sqlState: text(4) })),
      }),
    ),
  ),
});

/** google.rpc.Status, which gRPC sends in the trailer `grpc-status-details-bin`. */
export const Status = message({
  code: whole(1),
  message: text(2),
  details: repeated(nested(3, message({ typeUrl: text(1), value: bytes(2) }))),
});

/** google.rpc.ErrorInfo, a detail of a status: for Spark `errorClass`, `sqlState`, `errorId` and others. */
export const ErrorInfo = message({ reason: text(1), domain: text(2), metadata: repeated(nested(3, KeyValue)) });

/** A plan to execute. */
export type PlanValue = ValueOf<typeof Plan>;
/** One answer of an operation. */
export type ExecuteAnswer = ValueOf<typeof ExecutePlanResponse>;
