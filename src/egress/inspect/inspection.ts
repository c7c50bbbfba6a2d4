/**
 * How far an inspection is. `between`: nothing has begun that has to come to its end. `head`: something has, and its time
 * runs. `body`: bytes pass that are counted. `held`: what the app says next waits until the place has answered.
 * `anew`: what it has said last is for a new connection to the place, and was kept. `open`: nothing is looked at any more.
 */
export type Stage = 'between' | 'head' | 'body' | 'held' | 'anew' | 'open';

/** Looks at what an app says on a connection, before a byte of it goes out. */
export interface Inspection {
  readonly stage: Stage;
  /** @returns what of it, and of what was kept, may go out now @throws Refusal */
  said(bytes: Buffer): readonly Buffer[];
  /** The place has said this; it passes in any case. @returns what was kept and may go out now @throws Refusal */
  heard(bytes: Buffer): readonly Buffer[];
  /** Begins from the beginning, on a new connection, with what was kept for it. @returns what of it may go out now @throws Refusal */
  anew?(): readonly Buffer[];
}

/** What an app must not say there: the connection ends, and the place has not heard it. */
export class Refusal extends Error {
  /** Entry of `http_allow_list` that would allow it; null: none does. */
  readonly entry: string | null;
  /** What the app is told in the protocol that it speaks; null: its connection breaks. */
  readonly answer: Buffer | null;

  /** @param why in words, e.g. `the server name is another one` */
  constructor(why: string, entry: string | null = null, answer: Buffer | null = null) {
    super(why);
    this.entry = entry;
    this.answer = answer;
  }
}

/** Nothing is looked at. */
export const OPEN: Inspection = {
  stage: 'open',
  said: (bytes) => [bytes],
  heard: () => [],
};
