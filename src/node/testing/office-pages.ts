import { afterEach, beforeEach } from 'vitest';
import { type PrivateApps, startPrivateApps } from './private-apps.ts';
import type { Load, Loaded, Visitor } from './visitor.ts';

/** The pages and the API of an office as browsers ask for them. */
export interface OfficePages {
  apps(): PrivateApps;
  /** The office's, in milliseconds ahead of this machine's; each test begins with 0. */
  readonly clock: { aheadMs: number };
  office(path?: string): string;
  /** As a script of the office's own page does. */
  api(browser: Visitor, path: string, load?: Load): Promise<Loaded>;
  /** Sends a form. */
  post(
    browser: Visitor,
    path: string,
    form: Record<string, string>,
    headers?: Load['headers'],
  ): Promise<Loaded>;
  /** What the browser has for the office; empty: nothing. */
  cookieOf(browser: Visitor): string;
}

const SCRIPT = {
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'sec-fetch-site': 'same-origin',
  accept: '*/*',
};

/** An office with private apps for each test of a file. */
export function useOfficePages(): OfficePages {
  let apps: PrivateApps;
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs };
  beforeEach(async () => {
    clock.aheadMs = 0;
    apps = await startPrivateApps({ clock });
  });
  afterEach(() => apps.close());
  const office = (path = '/') => `${apps.at('localhost')}${path}`;
  return {
    apps: () => apps,
    clock,
    office,
    api: (browser, path, load = {}) =>
      browser.ask(office(path), { ...load, headers: { ...SCRIPT, ...load.headers } }),
    post: (browser, path, form, headers = {}) => browser.ask(office(path), { method: 'POST', form, headers }),
    cookieOf: (browser) => browser.jar.get('localhost')?.get('__Host-tabbify') ?? '',
  };
}
