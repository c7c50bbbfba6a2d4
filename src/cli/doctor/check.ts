import type { Context } from '../context.ts';

/** What one look at the machine found. */
export interface Finding {
  readonly ok: boolean;
  /** What was looked at, e.g. "Node". */
  readonly name: string;
  readonly detail: string;
  /** What to do about a problem, or what would help where something is missing that nothing depends on. */
  readonly hint?: string;
}

/** One thing `tabbify doctor` looks at. May throw: that is a problem too. */
export interface Check {
  readonly name: string;
  look(context: Context): Promise<Finding | readonly Finding[]>;
}

export function fine(name: string, detail: string): Finding {
  return { ok: true, name, detail };
}

/** Something is missing that Tabbify does without. */
export function notedAs(name: string, detail: string, hint: string): Finding {
  return { ok: true, name, detail, hint };
}

export function problemFound(name: string, detail: string, hint: string): Finding {
  return { ok: false, name, detail, hint };
}
