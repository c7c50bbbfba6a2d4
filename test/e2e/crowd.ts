import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** What one visitor was told; null: it broke off. */
export interface Visit {
  readonly method: 'GET' | 'POST';
  readonly status: number | null;
  readonly body: string;
  /** When it was sent (milliseconds, `performance.now`). */
  readonly sentAt: number;
}

/** Visitors who ask again and again until they are sent home. */
export interface Crowd {
  /** What was answered from now on. */
  fresh(): readonly Visit[];
  /** @returns all that did not end well */
  leave(): Promise<readonly Visit[]>;
}

/** Between two requests of a visitor: the machine has more to do than to answer. */
const PAUSE_MS = 10;

/** Four visitors over kept connections. @param methods what they do, in turn */
export function sendCrowd(url: string, methods: readonly Visit['method'][]): Crowd {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const visits: Visit[] = [];
  let seen = 0;
  let leaves = false;
  const visitor = async (first: number) => {
    for (let turn = first; !leaves; turn++) {
      visits.push(await visit(agent, url, methods[turn % methods.length] ?? 'GET'));
      await wait(PAUSE_MS);
    }
  };
  const done = Promise.all([0, 1, 2, 3].map(visitor));
  return {
    fresh() {
      const fresh = visits.slice(seen);
      seen = visits.length;
      return fresh;
    },
    async leave() {
      leaves = true;
      await done;
      agent.destroy();
      return visits.filter(({ status }) => status !== 200);
    },
  };
}

function visit(agent: Agent, url: string, method: Visit['method']): Promise<Visit> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const broken = (error: Error) => resolve({ method, status: null, body: error.message, sentAt });
    const call = request(url, { agent, method }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ method, status: response.statusCode ?? 0, body, sentAt }));
      response.on('error', broken);
    });
    call.on('error', broken);
    call.end(method === 'POST' ? 'payload' : undefined);
  });
}
