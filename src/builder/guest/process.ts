/**
 * Libraries read `process.env` while they load, when the engine has no process and no environment yet. They find an
 * empty one; the app's environment is filled in with its first request.
 */
const scope = globalThis as unknown as { process?: { env: Record<string, string> } };
scope.process ??= { env: {} };

/** The object behind `process.env`, shared with the `env` argument of `fetch`. */
export const environment: Record<string, string> = scope.process.env;
