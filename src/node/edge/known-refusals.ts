import { nodeError } from '../errors.ts';

/** @param name id or slug, as it was asked for */
export function unknownApp(name: string) {
  return nodeError('app_unknown', {
    what: `No app "${name}" in this office`,
    hint: 'See `tabbify apps`, or push one with `tcli push <dir>`',
  });
}

/**
 * Until a browser can sign in, a private app opens with a credential only (CONTRACTS §7).
 *
 * @param name id or slug, as it was asked for: who may not open the app learns no other name of it
 */
export function privateApp(name: string) {
  return nodeError('credential_missing', {
    what: `'${name}' is private`,
    why: 'it answers requests that carry a credential of this office',
    hint:
      'To open it in a browser, write `visibility = "public"` under `[app]` in its tabbify.toml and push again; ' +
      'with the credential: `curl -H "Authorization: Bearer $(cat ~/.tabbify/node.key)" <this address>`',
  });
}

/** @param holder name of who holds the credential */
export function closedTo(holder: string, name: string) {
  return nodeError('not_allowed', {
    what: `'${name}' is private and the credential of '${holder}' does not open it`,
    why: 'private apps open for people of the office with the scope `read`',
    hint: 'Use a person’s credential, such as the owner’s',
  });
}

/** The credential under which a private app was opened was revoked or has expired meanwhile. */
export function credentialEnded() {
  return nodeError('credential_missing', {
    what: 'The credential has ended',
    why: 'it was revoked or has expired while the app was being asked',
    hint: 'Ask again with another one',
  });
}

/** An app that is static files alone was asked for something else. */
export function nothingBehind() {
  return nodeError('method_not_allowed', {
    what: 'There are files here, and nothing else',
    why: 'the site answers GET and HEAD only, as no app stands behind its files',
  });
}
