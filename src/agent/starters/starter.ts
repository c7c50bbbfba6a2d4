/** What a starter is told. */
export interface StarterRequest {
  /** What the person asked for, in their words. Untrusted text: a starter writes it into files as data only. */
  readonly outcome: string;
  /** Slug of the app. */
  readonly name: string;
}

/** One app that needs no model: a folder here, one exported value, one line in `registry.ts`. */
export interface Starter {
  readonly name: string;
  /** For people, e.g. "a page". */
  readonly title: string;
  /** How well it fits an outcome; the highest wins, and 0 never does. */
  matches(outcome: string): number;
  /** Content by path. */
  files(request: StarterRequest): Readonly<Record<string, string>>;
}
