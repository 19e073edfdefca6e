/** The questions that were asked, one after the other: back and forward. */
import type { Question } from './question.js';

/** The questions kept. */
const mostKept = 200;

/** Where a reader is among the questions asked. */
export class Trail {
  #questions = $state.raw<readonly Question[]>([]);
  #at = $state(-1);

  readonly question = $derived(this.#questions[this.#at]);
  readonly canGoBack = $derived(this.#at > 0);
  readonly canGoForward = $derived(this.#at < this.#questions.length - 1);

  /** Puts a question behind those asked before. */
  ask(question: Question): void {
    this.#questions = [...this.#questions.slice(0, this.#at + 1), question].slice(-mostKept);
    this.#at = this.#questions.length - 1;
  }

  back(): void {
    if (this.canGoBack) this.#at--;
  }

  forward(): void {
    if (this.canGoForward) this.#at++;
  }

  clear(): void {
    this.#questions = [];
    this.#at = -1;
  }
}
