import type { Destination } from './channel.ts';

/** The name of the app API; names below it are other apps of the office (CONTRACTS §9). */
export const PLATFORM_HOST = 'tabbify.internal';
/** Where the app API and all apps answer. */
export const PLATFORM_PORT = 80;
const APPS_SUFFIX = `.${PLATFORM_HOST}`;

/** The name of another app (`shop` of `shop.tabbify.internal`); null: the host is outside, or the platform itself. */
export function appNameOf({ host }: Pick<Destination, 'host'>): string | null {
  return host.endsWith(APPS_SUFFIX) ? host.slice(0, -APPS_SUFFIX.length) : null;
}

/** Where an app calls another one. */
export function appHost(name: string): string {
  return `${name}${APPS_SUFFIX}`;
}
