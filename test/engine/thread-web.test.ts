import { afterEach, describe, expect, test } from 'vitest';
import { setWorkerUrl, startThread, threadStarter } from '../../src/engine/thread-web.js';

/** A browser's worker as far as a page sees it: what is sent to it, and the events that come back. */
class WorkerOfPage extends EventTarget {
  static last: WorkerOfPage | undefined;
  readonly sent: unknown[] = [];
  isTerminated = false;

  listeners = 0;

  constructor(readonly url: string | URL) {
    super();
    if (String(url).startsWith('https://elsewhere')) throw new DOMException('cannot be accessed', 'SecurityError');
    WorkerOfPage.last = this;
  }

  override addEventListener(type: string, act: EventListener, options?: AddEventListenerOptions): void {
    super.addEventListener(type, act, options);
    this.listeners++;
    options?.signal?.addEventListener('abort', () => this.listeners--);
  }

  postMessage(message: unknown): void {
    this.sent.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  answer(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  /** Without a message where the script could not be loaded. */
  fail(message?: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), message === undefined ? {} : { message }));
  }
}

function startOne() {
  Object.assign(globalThis, { Worker: WorkerOfPage });
  const thread = startThread();
  const worker = WorkerOfPage.last;
  if (worker === undefined) throw new Error('no worker was started');
  return { thread, worker };
}

describe('a worker thread in a browser', () => {
  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'Worker');
    setWorkerUrl(undefined);
  });

  test('answers each call with what came for it', async () => {
    const { thread, worker } = startOne();
    const first = thread.call('mix', [1]);
    worker.answer(1);
    const second = thread.call('mix', [2]);
    worker.answer(2);

    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(worker.sent).toEqual([
      { name: 'mix', args: [1] },
      { name: 'mix', args: [2] },
    ]);
  });

  test('that fails in a call rejects it and every later one', async () => {
    const { thread, worker } = startOne();
    const call = thread.call('mix', []);
    worker.fail('unreachable executed');

    await expect(call).rejects.toThrow('unreachable executed');
    await expect(thread.call('mix', [])).rejects.toThrow('unreachable executed');
  });

  test('that fails between two calls leaves the next one no time to hang', async () => {
    const { thread, worker } = startOne();
    const first = thread.call('mix', []);
    worker.answer(1);
    await first;
    worker.fail('unreachable executed');

    await expect(thread.call('mix', [])).rejects.toThrow('unreachable executed');
    expect(worker.sent).toHaveLength(1);
  });

  test('whose script cannot be loaded says so', async () => {
    const { thread, worker } = startOne();
    const call = thread.call('mix', []);
    worker.fail();

    await expect(call).rejects.toThrow(
      /^a worker could not be started: its script \(worker-web\.js beside the bundle\) .* setWorkerUrl$/,
    );
  });

  test('starts from the script that the page names, and names it where it cannot be loaded', async () => {
    setWorkerUrl('/assets/worker.js');
    const { thread, worker } = startOne();
    const call = thread.call('mix', []);
    worker.fail();

    expect(worker.url).toBe('/assets/worker.js');
    await expect(call).rejects.toThrow('its script (/assets/worker.js) was not found');
  });

  test('says in a sentence that a script of another origin is refused', () => {
    setWorkerUrl('https://elsewhere.example/worker.js');

    expect(startOne).toThrow(/^a worker could not be started: .* from the same origin/);
  });

  test('that has ended, by itself or by its owner, is listened to no more', async () => {
    const failed = startOne();
    failed.worker.fail('unreachable executed');
    const stopped = startOne();
    expect(stopped.worker.listeners).toBe(3);
    await stopped.thread.stop();

    expect([failed.worker.listeners, stopped.worker.listeners]).toEqual([0, 0]);
  });

  test('is the page itself where memory cannot be shared, and there is only one of it', () => {
    expect(threadStarter(1)).not.toBe(startThread);
    expect(() => threadStarter(2)).toThrow('threads must be 1 or 0 in a page that is not cross-origin isolated, got 2');
  });

  test('that is stopped rejects the call under way', async () => {
    const { thread, worker } = startOne();
    const call = thread.call('mix', []);
    await Promise.all([expect(call).rejects.toThrow('stopped'), thread.stop()]);

    expect(worker.isTerminated).toBe(true);
  });
});
