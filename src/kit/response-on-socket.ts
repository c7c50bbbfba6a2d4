import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * A response object for a connection that asked for an upgrade, so that refusals and an app's own "no" are written
 * the ordinary way. The connection ends with it.
 */
export function responseOnSocket(request: IncomingMessage, socket: Duplex): ServerResponse {
  // asked for here: to import a name of `node:http` loads Node's `fetch` as well, 30 ms in every thread that has this room
  const { ServerResponse: Response } = process.getBuiltinModule('node:http');
  const response = new Response(request);
  response.shouldKeepAlive = false;
  // an upgrade's socket is the connection's net.Socket; assignSocket asks for no more than a Duplex gives
  response.assignSocket(socket as Socket);
  response.once('finish', () => {
    response.detachSocket(socket as Socket);
    socket.end();
  });
  return response;
}
