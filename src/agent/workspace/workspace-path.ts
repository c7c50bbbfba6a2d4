import { agentError } from '../errors.ts';

const MAX_PATH = 200;
/** Kept by the platform or never uploaded: writing them would mislead. */
const KEPT = /^(tabbify\.lock|\.git|node_modules)(\/|$)/i;

/**
 * Checks a path that a model wrote: relative, `/`-separated, plain segments, nothing that leads out.
 *
 * @returns the same path
 * @throws TabbifyError `workspace_refused`, whose text goes back to the model
 */
export function workspacePath(path: string): string {
  const why = complaint(path);
  if (why === null) return path;
  throw agentError('workspace_refused', {
    what: `The path ${JSON.stringify(path.slice(0, MAX_PATH))} is not allowed`,
    why,
    hint: 'Use a path inside the app such as `src/index.ts`.',
  });
}

function complaint(path: string): string | null {
  if (path === '' || path.length > MAX_PATH) return `it must have 1 to ${MAX_PATH} characters`;
  if (!/^[A-Za-z0-9._/@+-]+$/.test(path)) return 'only letters, digits and `._-@+/` may stand in it';
  if (path.startsWith('/')) return 'it must be relative';
  if (path.split('/').some((segment) => segment === '' || segment === '.' || segment === '..')) {
    return 'it has an empty, `.` or `..` part';
  }
  return KEPT.test(path) ? 'the platform keeps this file or folder' : null;
}
