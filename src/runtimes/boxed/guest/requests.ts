import type { Server, ServerResponse } from 'node:http';

/** The requests that a server has at work. */
export interface Requests {
  /** Requests whose answer has not ended. */
  readonly underWay: number;
}

/** @param onIdle called whenever the last answer has ended */
export function countRequests(server: Server, onIdle: () => void): Requests {
  let underWay = 0;
  const ended = (): void => {
    underWay -= 1;
    if (underWay === 0) onIdle();
  };
  server.prependListener('request', (_request: unknown, response: ServerResponse) => {
    underWay += 1;
    response.once('close', ended);
  });
  return {
    get underWay() {
      return underWay;
    },
  };
}
