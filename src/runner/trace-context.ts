/** Where a request stands in a trace (https://www.w3.org/TR/trace-context/). */
export interface TraceParent {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** Of the span that sent the request: 16 lower-case hex digits. */
  readonly spanId: string;
  /** Bit 0: the sender records this trace. */
  readonly flags: number;
}

/** Version 00; what a later version has behind these four parts is ignored (§4.3). */
const TRACEPARENT =
  /^(?!ff)(?<version>[\da-f]{2})-(?!0{32})(?<traceId>[\da-f]{32})-(?!0{16})(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?<more>-.*)?$/;
/** The flags that version 00 knows: sampled, and random trace id. */
const KNOWN_FLAGS = 0b11;

/** Reads the value of a `traceparent` header; null when it is malformed: the trace is not continued (§3.2.2). */
export function parseTraceParent(value: string | undefined): TraceParent | null {
  const parts = TRACEPARENT.exec(value ?? '')?.groups;
  if (parts === undefined || (parts.version === '00' && parts.more !== undefined)) return null;
  const { traceId = '', spanId = '', flags = '' } = parts;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & KNOWN_FLAGS };
}

export function formatTraceParent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
}
