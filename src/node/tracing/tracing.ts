import type { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHead } from '../../runner/index.ts';
import type { Passage } from '../edge/passage.ts';

/** A request of an app on its way through the edge, as far as the edge knows it. */
export interface VisitStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Its `close` ends the visit: the response, or the connection of one that leaves HTTP. */
  readonly closes: EventEmitter;
  /** Headers of the visitor's trace are taken out of it. */
  readonly head: RequestHead;
  readonly passage: Passage;
}

/** Traces of what passes the edge. None of this throws, whatever becomes of the collector. */
export interface Tracing {
  begin(visit: VisitStart): Visit;
  /** Sends what has gathered, for a while at most. */
  close(): Promise<void>;
}

/** The spans of one request. Each call but the last is a step; what is open ends with the visit. */
export interface Visit {
  /** The app has to be started, or asked for. */
  wakes(): void;
  woken(error?: unknown): void;
  /** A try to pass the request on begins. @returns headers that go with it: names and values, alternating */
  passes(): readonly string[];
  /** The head of the app's answer is there; the runner's word on its part is taken out of it. */
  answered(status: number, headers: IncomingHttpHeaders): void;
  /** The try has ended, the body with it. */
  passed(error?: unknown): void;
  /** The edge answers in its own name. */
  refused(error: unknown): void;
}
