/** A question to a guest that is asked as often as somebody wants to know, one at a time. */
export interface Asked {
  /** The answer to the question that is open, or to a new one. Never resolves when there is none. */
  ask(): Promise<string | null>;
  /** Takes an answer; one to nothing that is asked is of no use. */
  answered(n: number, answer: string | null): void;
}

/** @param say asks the guest; its answer has to name the number */
export function askings(say: (n: number) => void): Asked {
  let asked = 0;
  let open: PromiseWithResolvers<string | null> | null = null;
  return {
    ask() {
      if (open === null) {
        open = Promise.withResolvers<string | null>();
        say(++asked);
      }
      return open.promise;
    },
    answered(n, answer) {
      if (n !== asked) return;
      open?.resolve(answer);
      open = null;
    },
  };
}
