import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { boundedPipelining } from '../kit/index.ts';
import { egressError } from './errors.ts';
import { PLATFORM_HOST } from './platform-host.ts';
import { problemOf } from './problem.ts';

/** For a channel that no app runs behind, such as that of an install or a build: says to every call that there is no app API. */
export function noAppApi(): (stream: Duplex) => void {
  const server = createServer(
    boundedPipelining((request, response) => {
      request.resume();
      const { status, type, body } = problemOf(
        egressError('app_api_missing', {
          what: `http://${PLATFORM_HOST} has nothing to call`,
          why: 'the app API is there for an app that runs, and none runs behind this channel: packages are installed or built here',
          hint: 'Call it while the app answers a request; no build or install script needs it',
        }),
      );
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    }),
  );
  return (stream) => {
    stream.on('error', () => {}); // an app that leaves
    server.emit('connection', stream);
  };
}
