/** Everybody who may ask, by what he is in his office. */
export const WHO = [
  'owner',
  'developer',
  'approver',
  'viewer',
  'agent',
  'app',
  'expired',
  'revoked',
] as const;
export type Who = (typeof WHO)[number];

/** An office with something of everything in it, every text of which is found nowhere else. */
export interface Office {
  readonly slug: string;
  /** Stands in every text of it. */
  readonly word: string;
  /** Tokens. */
  readonly tokens: Readonly<Record<Who, string>>;
  /** Actor of each, as events have it. */
  readonly actors: Readonly<Record<Who, string>>;
  readonly app: string;
  readonly appName: string;
  readonly deployment: string;
  /** Id of the credential of the viewer. */
  readonly credential: string;
  /** Type of the last event that was said in the office while it was furnished. */
  readonly lastEvent: string;
  /** Subject of an event that was said in the office. */
  readonly subject: string;
  /** Digest of a blob. */
  readonly blob: string;
  /** Texts that nobody outside the office may ever read. */
  readonly canaries: readonly string[];
}
