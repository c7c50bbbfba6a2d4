import { createHmac, timingSafeEqual } from 'node:crypto';

/** An app on one of its hosts. */
export interface Calling {
  readonly app: string;
  readonly supervisor: string;
}

/** Makes and reads what a host shows for an app that calls another one. Nothing is kept of it: the seal says that it was made here. */
export interface CallKeys {
  of(calling: Calling): string;
  /** @returns null when it was not made here */
  read(key: string): Calling | null;
}

const KEY = /^(?<app>[0-9a-f-]{36})\.(?<supervisor>[a-z0-9-]{1,63})\.(?<seal>[A-Za-z0-9_-]{43})$/;

/** @param secret of the node; another one makes all keys void */
export function callKeys(secret: Buffer): CallKeys {
  const sealOf = ({ app, supervisor }: Calling) =>
    createHmac('sha256', secret).update(`${app} ${supervisor}`).digest();
  return {
    of: (calling) => `${calling.app}.${calling.supervisor}.${sealOf(calling).toString('base64url')}`,
    read(key) {
      const { app = '', supervisor = '', seal = '' } = KEY.exec(key)?.groups ?? {};
      if (seal === '') return null;
      const calling = { app, supervisor };
      return timingSafeEqual(Buffer.from(seal, 'base64url'), sealOf(calling)) ? calling : null;
    },
  };
}
