/** What a room declares once per code: who has to act, and the HTTP status when it leaves the office. */
export interface ErrorSpec {
  /** HTTP status (RFC 9110) used when the error becomes problem+json. */
  readonly status: number;
  /** Short, stable summary of the code (RFC 9457 `title`). */
  readonly title: string;
}

/** The three parts every error shows a person: what happened, why, and the one next thing to do. */
export interface ErrorText {
  readonly what: string;
  readonly why?: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error that crosses a room. `message` is what + why, `hint` the one next action.
 * Statuses below 500 are the caller's to mend, the others the platform's.
 */
export class TabbifyError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly status: number;
  readonly title: string;
  readonly what: string;
  readonly why: string | undefined;
  readonly hint: string | undefined;

  constructor(code: Code, spec: ErrorSpec, text: ErrorText) {
    super(text.why ? `${text.what}: ${text.why}` : text.what, { cause: text.cause });
    this.name = 'TabbifyError';
    this.code = code;
    this.status = spec.status;
    this.title = spec.title;
    this.what = text.what;
    this.why = text.why;
    this.hint = text.hint;
  }
}

/**
 * Declares a room's closed list of error codes and gives back the function that makes them.
 *
 * @example
 * const appError = defineErrors({ app_unknown: { status: 404, title: 'Unknown app' } });
 * throw appError('app_unknown', { what: `No app ${id}`, hint: 'See `tabbify apps`.' });
 */
export function defineErrors<const Specs extends Readonly<Record<string, ErrorSpec>>>(specs: Specs) {
  return <Code extends keyof Specs & string>(code: Code, text: ErrorText): TabbifyError<Code> =>
    new TabbifyError(code, specs[code] as ErrorSpec, text);
}

/** Message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
