import { nodeError } from '../errors.ts';

/** @param name id or slug, as it was asked for */
export function unknownApp(name: string) {
  return nodeError('app_unknown', {
    what: `No app "${name}" in this office`,
    hint: 'See `tabbify apps`, or push one with `tcli push <dir>`',
  });
}

/**
 * A private app opens for a session or a credential (CONTRACTS §7).
 *
 * @param name id or slug, as it was asked for: who may not open the app learns no other name of it
 */
export function privateApp(name: string) {
  return nodeError('credential_missing', {
    what: `'${name}' is private`,
    why: 'it answers browsers that are signed in and requests that carry a credential of this office',
    hint:
      'To open it in a browser, sign in with the link that `tabbify login` prints; ' +
      'in a terminal: `curl -H "Authorization: Bearer $(cat ~/.tabbify/node.key)" <this address>`',
  });
}

/** Under the path mount a session opens nothing: what answers there shares the office's origin. */
export function noHostMount(name: string) {
  return nodeError('credential_missing', {
    what: `'${name}' is private and has no address of its own here`,
    why: 'a browser opens a private app at the app’s own host, which this address of the office does not lead to',
    hint: 'Open the office at http://localhost, or give it a domain by TABBIFY_DOMAIN',
  });
}

/** Somebody is signed in, and a page of another origin asks in his name. */
export function foreignPage(name: string) {
  return nodeError('origin_foreign', {
    what: `Only pages of '${name}' itself may ask it in the name of who is signed in`,
    hint: 'Open the app in a tab of its own, or ask it with a credential',
  });
}

/** The code with which a browser came to an app. */
export function codeVoid() {
  return nodeError('code_void', {
    what: 'This way to the app is used up',
    why: 'the office sends a browser to a private app with a code that works once and for a minute',
    hint: 'Open the app’s address again',
  });
}

/** The browser came back without the cookie that it was just given. */
export function cookieNotKept(name: string) {
  return nodeError('credential_missing', {
    what: `The browser did not keep that you may open '${name}'`,
    why: 'it refuses the cookie: cookies are off, or the address is plain http and not of this machine',
    hint: 'Allow cookies for this address, or open it at http://localhost or by https',
  });
}

/** @param holder name of who holds the credential */
export function closedTo(holder: string, name: string) {
  return nodeError('not_allowed', {
    what: `'${name}' is private and the credential of '${holder}' does not open it`,
    why: 'private apps open for people of the office with the scope `read`',
    hint: 'Use a person’s credential, such as the owner’s, or sign in as somebody else',
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

/** An app calls another one without a grant, or while it is taken back. Nothing is said of the one that was meant: it may be another office's. */
export function callDenied() {
  return nodeError('call_denied', {
    what: 'The app that calls may not call this one',
    why: 'it has not been granted that, or not any more',
    hint: 'It asks for it in its tabbify.toml, under [capabilities]: http_allow_list = ["app:<name>"]; what it was granted shows `tabbify approvals grants`',
  });
}

/** An app that is static files alone was asked for something else. */
export function nothingBehind() {
  return nodeError('method_not_allowed', {
    what: 'There are files here, and nothing else',
    why: 'the site answers GET and HEAD only, as no app stands behind its files',
  });
}
