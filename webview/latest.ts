/** Answers to questions that follow a pointer: the latest wish is asked for, one at a time, and the last few are kept. */

export interface LatestOptions<Question, Answer> {
  /** Questions with the same key are the same. */
  readonly key: (question: Question) => string | number;
  readonly fetch: (question: Question) => Promise<Answer>;
  /** An answer has come. */
  readonly changed: () => void;
  readonly failed: (error: unknown) => void;
  /** Answers that are kept. */
  readonly kept: number;
  /** Whether an answer may stay; one that may not is asked for again, `again` milliseconds after it came. All may where absent. */
  readonly final?: (answer: Answer, question: Question) => boolean;
  readonly again?: number;
  /** Calls `run` after `ms`: a timer, or a test's. Needed where answers may not be final. */
  readonly later?: (run: () => void, ms: number) => void;
}

export class LatestStore<Question, Answer> {
  readonly #options: LatestOptions<Question, Answer>;
  /** In order of arrival: the oldest first. */
  readonly #answers = new Map<string | number, Answer>();
  /** Answers that are shown, and being asked for again in a while. */
  readonly #resting = new Set<string | number>();
  /** The last that failed: asked for again at every frame it would fail at every frame. */
  #failure: string | number | undefined;
  #wanted: Question | undefined;
  #asking = false;
  #generation = 0;

  constructor(options: LatestOptions<Question, Answer>) {
    this.#options = options;
  }

  /** Forgets everything; replies still under way are dropped. */
  clear(): void {
    this.#answers.clear();
    this.#resting.clear();
    this.#failure = undefined;
    this.#wanted = undefined;
    this.#asking = false;
    this.#generation++;
  }

  get(question: Question): Answer | undefined {
    return this.#answers.get(this.#options.key(question));
  }

  /** Asks unless the answer is here. A wish not yet sent gives way to the next: the pointer is faster than replies. */
  want(question: Question): void {
    this.#wanted = this.#needs(question) ? question : undefined;
    this.#pump();
  }

  #needs(question: Question): boolean {
    const key = this.#options.key(question);
    if (this.#resting.has(key) || this.#failure === key) return false;
    const answer = this.#answers.get(key);
    return answer === undefined || this.#options.final?.(answer, question) === false;
  }

  #pump(): void {
    const question = this.#wanted;
    if (this.#asking || question === undefined) return;
    const generation = this.#generation;
    this.#asking = true;
    this.#wanted = undefined;
    this.#options.fetch(question).then(
      (answer) => {
        if (generation !== this.#generation) return;
        this.#asking = false;
        this.#failure = undefined;
        this.#put(question, answer);
        this.#options.changed();
        this.#next();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        this.#asking = false;
        this.#failure = this.#options.key(question);
        this.#options.failed(error);
        this.#next();
      },
    );
  }

  /** The wish that came meanwhile, unless it has been granted. */
  #next(): void {
    if (this.#wanted !== undefined && !this.#needs(this.#wanted)) this.#wanted = undefined;
    this.#pump();
  }

  #put(question: Question, answer: Answer): void {
    const { key, kept, final, again = 0, later } = this.#options;
    const at = key(question);
    this.#answers.delete(at);
    this.#answers.set(at, answer);
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > kept && oldest.done !== true) this.#answers.delete(oldest.value);
    if (final === undefined || later === undefined || final(answer, question)) return;
    const generation = this.#generation;
    this.#resting.add(at);
    later(() => {
      if (generation !== this.#generation) return;
      this.#resting.delete(at);
      // Whoever looks at it still says so at the next frame.
      this.#options.changed();
    }, again);
  }
}
