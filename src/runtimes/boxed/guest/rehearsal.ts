import { createServer, type RequestListener, request } from 'node:http';

/** A socket of the box, there as long as it takes. */
const PATH = '/tmp/rehearsal.sock';
/** A module without a file, as that of an app is. */
const MODULE = 'data:text/javascript,export default 0';

/**
 * Walks the way that an app will go, before there is one: a module is loaded, and a request answered. What Node loads and compiles for that is
 * there when it counts.
 *
 * @returns ends it at once; from then on nothing of it reaches the listener
 */
export function rehearse(listener: RequestListener): () => void {
  let isOver = false;
  const server = createServer((incoming, outgoing) => {
    if (isOver) outgoing.destroy();
    else listener(incoming, outgoing);
  });
  const stop = (): void => {
    isOver = true;
    server.close();
    server.closeAllConnections();
  };
  server.on('error', stop).listen(PATH, () => {
    request({ socketPath: PATH, agent: false }, (answer) => {
      answer.on('error', stop).on('close', stop).resume();
    })
      .on('error', stop)
      .end();
  });
  import(MODULE).catch(() => {}); // nothing depends on it
  return stop;
}
