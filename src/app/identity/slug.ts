import { appError } from '../errors.ts';

/** A DNS label (RFC 1035) holds 63 octets; the slug is the first label of the app's host. */
const MAX_SLUG_LENGTH = 63;

/** Host names of the office's own domain, now or later, that an app may not take. */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set([
  ...['www', 'api', 'office', 'tabbify', 'tcli', 'app', 'apps', 'node', 'gateway', 'supervisor', 'runner'],
  ...['coordinator', 'mesh', 'mcp', 'admin', 'root', 'system', 'platform', 'internal', 'local', 'localhost'],
  ...['login', 'logout', 'auth', 'account', 'docs', 'help', 'health', 'status', 'static', 'assets', 'cdn'],
  ...['mail', 'smtp', 'webhook', 'webhooks', 'wh', 'hooks', 'secrets', 'events', 'approvals', 'chat', 'v1'],
]);

/**
 * The slug of an app's name: `[a-z0-9-]{1,63}`, without `--` (which separates a preview's environment, CONTRACTS §7)
 * and without a hyphen at either end. Accents are dropped, everything else that is no letter or digit becomes a hyphen.
 *
 * @example slugOf('Hugo’s Café') // 'hugo-s-cafe'
 * @throws app_name_invalid when nothing is left or more than 63 characters are
 * @throws app_name_reserved
 */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (slug === '') {
    throw appError('app_name_invalid', {
      what: `${JSON.stringify(name.slice(0, 80))} cannot be an app's name`,
      why: 'it has no Latin letter or digit to make a host name from',
      hint: 'Choose a name such as `my-app`.',
    });
  }
  if (slug.length > MAX_SLUG_LENGTH) {
    throw appError('app_name_invalid', {
      what: `The app's name ${JSON.stringify(name.slice(0, 80))} is too long`,
      why: `its host name would have ${slug.length} characters of at most ${MAX_SLUG_LENGTH}`,
      hint: 'Choose a shorter name.',
    });
  }
  if (RESERVED_SLUGS.has(slug)) {
    throw appError('app_name_reserved', {
      what: `An app cannot be named \`${slug}\``,
      why: 'the office keeps that name for itself',
      hint: `Choose another one, e.g. \`my-${slug}\`.`,
    });
  }
  return slug;
}
