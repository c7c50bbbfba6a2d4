/** Runs pieces of work one after the other, in the order they were handed in; a failed one does not stop the next. */
export interface Lane {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Resolves when all that was handed in so far is done. */
  idle(): Promise<void>;
}

export function createLane(): Lane {
  let last: Promise<void> = Promise.resolve();
  return {
    run(work) {
      const result = last.then(work);
      last = result.then(
        () => {},
        () => {}, // whoever handed it in has the error
      );
      return result;
    },
    idle: () => last,
  };
}
