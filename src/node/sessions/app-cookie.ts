import { createHmac, timingSafeEqual } from 'node:crypto';

/** Makes and reads what the cookie of an app holds: which session it is of, sealed for one app at one host. */
export interface AppCookies {
  /** @param host as the browser names it, port included */
  sealed(session: string, app: string, host: string): string;
  /** @returns the session; null when the value was not made here for this app at this host */
  opened(value: string, app: string, host: string): string | null;
}

const VALUE = /^(?<session>[0-9a-f-]{36})\.(?<seal>[A-Za-z0-9_-]{43})$/;
const MAX_REMEMBERED = 1_000;

export function appCookies(key: Buffer): AppCookies {
  const remembered = new Map<string, string>();
  const sealOf = (session: string, app: string, host: string) =>
    createHmac('sha256', key).update(`${session} ${app} ${host.toLowerCase()}`).digest();
  return {
    sealed: (session, app, host) => `${session}.${sealOf(session, app, host).toString('base64url')}`,
    opened(value, app, host) {
      const place = `${value} ${app} ${host}`;
      const known = remembered.get(place);
      if (known !== undefined) return known;
      const { session = '', seal = '' } = VALUE.exec(value)?.groups ?? {};
      if (session === '') return null;
      if (!timingSafeEqual(Buffer.from(seal, 'base64url'), sealOf(session, app, host))) return null;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(place, session);
      return session;
    },
  };
}
