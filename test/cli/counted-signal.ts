/**
 * A signal that aborts when it is asked for the n-th time, as Ctrl-C does between two steps: where a command is
 * stopped then depends on what it does, and not on how fast.
 */
export class CountedSignal {
  readonly #controller = new AbortController();
  #abortAt: number;
  readonly signal = this.#controller.signal;
  /** how often it was asked */
  asked = 0;

  /** @param abortAt - by default it waits until it is told to count, or for ever */
  constructor(abortAt = Infinity) {
    this.#abortAt = abortAt;
    const ask = (): boolean => {
      if (++this.asked === this.#abortAt) this.#controller.abort();
      return isAborted();
    };
    const isAborted = (): boolean => Reflect.get(AbortSignal.prototype, 'aborted', this.signal);
    Object.defineProperties(this.signal, {
      aborted: { get: ask },
      throwIfAborted: {
        value: () => {
          if (ask()) throw this.signal.reason;
        },
      },
    });
  }

  /** Aborts when it is asked for the n-th time from now on. */
  abortAfter(asks: number): void {
    this.#abortAt = this.asked + asks;
  }
}
