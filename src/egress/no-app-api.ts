import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { egressError } from './errors.ts';
import { PLATFORM_HOST } from './open-channel.ts';
import { problemOf } from './problem.ts';

/** The app API of a version that has none: says so to every call. */
export function noAppApi(): (stream: Duplex) => void {
  const server = createServer((request, response) => {
    request.resume();
    const { status, type, body } = problemOf(
      egressError('app_api_missing', {
        what: `http://${PLATFORM_HOST} has nothing to call`,
        why: 'this version of the platform has no app API yet',
        hint: 'Do without it: no manifest line brings it',
      }),
    );
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
  return (stream) => {
    stream.on('error', () => {}); // an app that leaves
    server.emit('connection', stream);
  };
}
