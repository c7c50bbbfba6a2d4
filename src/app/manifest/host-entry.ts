import { slugOf } from '../identity/slug.ts';

/** An entry of `http_allow_list` that cannot be used: in words, and what to write instead. */
export interface HostEntryProblem {
  readonly why: string;
  readonly hint: string;
}

const EXAMPLES = 'write a host such as `api.stripe.com`, `*.example.com` or `192.0.2.7:8080`';
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
const MAX_LENGTH = 253;

/**
 * Is this an entry of `http_allow_list` (CONTRACTS §4)? A name, `*.` and a name, an address with a port, each with an optional
 * `http://` or `https://` and `:port`; or `app:<name>`.
 *
 * @returns null when it is
 */
export function hostEntryProblem(entry: string): HostEntryProblem | null {
  if (entry.startsWith('app:')) return appProblem(entry.slice('app:'.length));
  const scheme = SCHEME.exec(entry)?.[1];
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
    return {
      why: `\`${scheme}\` is no scheme that an app can call`,
      hint: 'leave it out, or write `https://`',
    };
  }
  const rest = scheme === undefined ? entry : entry.slice(scheme.length + '://'.length);
  const path = rest.search(/[/?#]/);
  if (path >= 0) {
    const host = `${entry.slice(0, entry.length - rest.length)}${rest.slice(0, path)}`;
    return { why: 'it allows a host, not a path', hint: path > 0 ? `write \`${host}\`` : EXAMPLES };
  }
  if (rest.includes('@'))
    return { why: 'it holds a user name', hint: 'declare the credential in `[[secrets]]`' };
  return rest.startsWith('[') ? ipv6Problem(rest) : placeProblem(rest);
}

function appProblem(name: string): HostEntryProblem | null {
  try {
    if (slugOf(name) === name) return null;
    return { why: 'the name is not as in an address', hint: `write \`app:${slugOf(name)}\`` };
  } catch {
    return { why: `no app can be named so`, hint: 'write `app:` and the name of an app of this office' };
  }
}

function ipv6Problem(text: string): HostEntryProblem | null {
  const [, address, port] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
  if (address === undefined) return { why: 'a bracket is missing', hint: 'write e.g. `[2001:db8::1]:443`' };
  const canonical = hostnameOf(`[${address}]`);
  if (canonical === null) return { why: 'it holds no IPv6 address', hint: 'write e.g. `[2001:db8::1]:443`' };
  if (canonical !== `[${address}]`) {
    return { why: 'the address has another spelling', hint: `write \`${canonical}:${port ?? '443'}\`` };
  }
  if (port === undefined) return { why: 'an address needs a port', hint: `write e.g. \`[${address}]:443\`` };
  return portProblem(port);
}

function placeProblem(text: string): HostEntryProblem | null {
  const [host = '', port, ...more] = text.split(':');
  if (more.length > 0) return { why: 'it has several colons', hint: 'write an IPv6 address in brackets' };
  const wildcard = host.startsWith('*.');
  const name = wildcard ? host.slice(2) : host;
  if (name === '' || name === '*') {
    return { why: 'it names no host', hint: `${EXAMPLES}; there is no entry that allows every host` };
  }
  if (name.includes('*'))
    return { why: '`*` stands for whole labels in front', hint: 'write e.g. `*.example.com`' };
  const canonical = hostnameOf(name);
  if (canonical === null || canonical.length > MAX_LENGTH) return { why: 'it is no host', hint: EXAMPLES };
  const isAddress = /^\d+(\.\d+){3}$/.test(canonical);
  if (canonical !== name) {
    const spelt = `${wildcard ? '*.' : ''}${canonical}${port === undefined ? '' : `:${port}`}`;
    return { why: 'the host has another spelling', hint: `write \`${spelt}\`` };
  }
  if (isAddress && wildcard) return { why: 'addresses have no names below them', hint: EXAMPLES };
  if (isAddress && port === undefined) {
    return { why: 'an address needs a port', hint: `write e.g. \`${name}:443\`` };
  }
  if (wildcard && !name.includes('.')) {
    return { why: 'it would allow every host of a whole domain', hint: 'write e.g. `*.example.com`' };
  }
  if (!isAddress && !name.split('.').every((label) => LABEL.test(label))) {
    return { why: 'it is no host', hint: EXAMPLES };
  }
  return port === undefined ? null : portProblem(port);
}

function portProblem(text: string): HostEntryProblem | null {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return null;
  return { why: `\`${text}\` is no port`, hint: 'write a number from 1 to 65535, or leave it out' };
}

/** The host as URLs write it: lower case, IDNA as ASCII, one spelling for each address. */
function hostnameOf(host: string): string | null {
  if (/[\s%\\]/.test(host)) return null;
  const url = URL.parse(`http://${host}/`);
  if (url === null || url.pathname !== '/' || url.search !== '' || url.port !== '') return null;
  return url.hostname.endsWith('.') ? url.hostname.slice(0, -1) : url.hostname;
}
