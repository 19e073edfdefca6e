/**
 * Questions that come together, or while others are answered, are answered together: the vectors are read once for all
 * of them.
 */

/** Checks questions and answers several at once. */
export interface Answering<Ask, Question, Answer> {
  question(ask: Ask): Question;
  answers(questions: readonly Question[]): Promise<Answer[]>;
}

interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A function that answers one question, together with all others of the same turn of the event loop or that come before
 * the answers to the questions before.
 *
 * @returns rejects with what `question` throws, for that question alone
 */
export function batched<Ask, Question, Answer>(
  search: Answering<Ask, Question, Answer>,
): (ask: Ask) => Promise<Answer> {
  let waiting: Waiting<Question, Answer>[] = [];
  let isAnswering = false;
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      const answers = await search.answers(batch.map(({ question }) => question));
      batch.forEach(({ resolve, reject }, i) => {
        const answer = answers[i];
        if (answer === undefined) reject(new Error('a question of a batch has no answer'));
        else resolve(answer);
      });
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    }
    isAnswering = waiting.length > 0;
    if (isAnswering) setImmediate(() => void flush());
  };
  return async (ask) => {
    const question = search.question(ask);
    return new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (isAnswering) return;
      isAnswering = true;
      setImmediate(() => void flush());
    });
  };
}
