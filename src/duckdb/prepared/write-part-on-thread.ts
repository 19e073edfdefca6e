/** The thread that writes parts: see part-threads.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { writePart, type CodedLog, type PartTask } from './write-part.js';

// what `startThread` gave
const log: CodedLog = workerData;
const port = parentPort;
port?.on('message', (task: PartTask) => {
  void writePart(task, log).then((written) => port.postMessage(written));
});
