import { nodeError } from '../errors.ts';
import type { EdgeApp } from './app-directory.ts';

/** @param name id or slug, as it was asked for */
export function unknownApp(name: string) {
  return nodeError('app_unknown', {
    what: `No app "${name}" in this office`,
    hint: 'See `tabbify apps`, or push one with `tcli push <dir>`',
  });
}

/** Until a browser can sign in, a private app opens with a credential only (CONTRACTS §7). */
export function privateApp(app: EdgeApp) {
  return nodeError('credential_missing', {
    what: `'${app.slug}' is private`,
    why: 'it answers requests that carry a credential of this office',
    hint:
      'To open it in a browser, write `visibility = "public"` under `[app]` in its tabbify.toml and push again; ' +
      'with the credential: `curl -H "Authorization: Bearer $(cat ~/.tabbify/node.key)" <this address>`',
  });
}
