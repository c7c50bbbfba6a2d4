/** In a network of its own nobody else has a port: it is the usual one of forward proxies. */
export const BRIDGE_PORT = 3128;

/** Where a tool that has a channel finds it. */
export const TOOL_PROXY = `http://127.0.0.1:${BRIDGE_PORT}`;
/** What a tool serves for itself, e.g. a test that starts a server. */
const OWN = 'localhost,127.0.0.1,::1';

/**
 * The environment by which programs find the channel: as curl, Go and npm read it, and Node (`NODE_USE_ENV_PROXY`). Who wants npm
 * to reach a registry on the host's loopback sets `NO_PROXY` and `no_proxy` to nothing: npm asks no setting of its own about it.
 */
export const PROXY_ENVIRONMENT: Readonly<Record<string, string>> = {
  HTTP_PROXY: TOOL_PROXY,
  HTTPS_PROXY: TOOL_PROXY,
  NO_PROXY: OWN,
  http_proxy: TOOL_PROXY,
  https_proxy: TOOL_PROXY,
  no_proxy: OWN,
  NODE_USE_ENV_PROXY: '1',
};
