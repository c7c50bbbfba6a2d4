import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Where and how an app is asked. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface VisitorOptions {
  /** For the report. */
  readonly name: string;
  /** Asked anew for each request. */
  readonly address: () => Promise<Address>;
  /** Is the office being restarted right now? Then a closed door is tried again; at any other time it is a failure. */
  readonly restarting: () => boolean;
}

/** Somebody who asks an app at a steady pace, whatever became of the last request. */
export interface Visitor {
  readonly answered: number;
  /** Requests that met a closed door during a restart and were answered once it was open again. */
  readonly waited: number;
  /** The longest that one of them took since this was asked last, in milliseconds; 0 when there was none. */
  longestWaitMs(): number;
  /** What a user would call a failed request. */
  readonly failures: readonly string[];
  /** Resolves when the last request has ended. */
  stop(): Promise<void>;
}

const PACE_MS = 50;
const AGAIN_MS = 20;
/** As long as a person's browser waits, at least. */
const PATIENCE_MS = 30_000;
/** How long a door is found closed before that is a failure: a start takes long on a busy machine. */
const CLOSED_MS = 90_000;

/**
 * Asks every 50 ms over a connection of its own. A request failed when it is answered with anything but 200 and a body, when its
 * connection breaks, when it takes longer than 30 s, or when the door is closed outside a restart. A closed door is a connection
 * that is refused; or one made after the office was told to stop and reset before a byte of an answer, for it stood in the
 * system's queue when the office ceased to listen. What was asked before the office was told to stop must be answered.
 */
export function visit({ name, address, restarting }: VisitorOptions): Visitor {
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  let answered = 0;
  let waited = 0;
  let longest = 0;

  const visitOnce = async (): Promise<void> => {
    const began = performance.now();
    let isAgain = false;
    for (;;) {
      const wasRestarting = restarting();
      const trouble = await ask(await address());
      if (trouble === null) break;
      const isClosed =
        (trouble === 'ECONNREFUSED' && (wasRestarting || restarting())) ||
        (trouble === 'ECONNRESET' && wasRestarting);
      if (!isClosed || performance.now() - began > CLOSED_MS) {
        failures.push(`${name}: ${trouble}`);
        return;
      }
      isAgain = true;
      await wait(AGAIN_MS);
    }
    answered += 1;
    if (!isAgain) return;
    waited += 1;
    longest = Math.max(longest, performance.now() - began);
  };
  const timer = setInterval(() => {
    const one = visitOnce()
      .catch((error: unknown) => void failures.push(`${name}: ${String(error)}`))
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }, PACE_MS);

  return {
    get answered() {
      return answered;
    },
    get waited() {
      return waited;
    },
    longestWaitMs() {
      const ms = Math.round(longest);
      longest = 0;
      return ms;
    },
    failures,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

/** Null when it was answered as it should be, else what went wrong. */
function ask(address: Address): Promise<string | null> {
  return new Promise((resolve) => {
    const call = request({ ...address, agent: false, timeout: PATIENCE_MS }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('error', (error) => resolve(`broken off: ${error.message}`));
      response.on('end', () => {
        const isWhole = response.complete && response.statusCode === 200 && bytes > 0;
        resolve(isWhole ? null : `answered ${response.statusCode} with ${bytes} bytes`);
      });
    });
    call.once('timeout', () => call.destroy(new Error('no answer in time')));
    call.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    call.end();
  });
}
