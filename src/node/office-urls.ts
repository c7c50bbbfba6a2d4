import { type Place, schemeFor } from './edge/addresses.ts';
import { appHostName } from './edge/host-names.ts';

/** Builds the addresses that the API hands out. */
export interface OfficeUrls {
  /** The app at the root of its own origin. */
  app(app: { readonly slug: string; readonly office: string }): string;
  /** The app under the office's origin, as seen by who asked. @param host `Host` of the request */
  path(uuid: string, host: string): string;
}

/** @param port the port the node listens on */
export function officeUrls(place: Place, port: () => number): OfficeUrls {
  return {
    app(app) {
      const { domain, publicUrl } = place;
      const host = appHostName(app, domain);
      if (publicUrl === null || domain === 'localhost') return `http://${host}:${port()}/`;
      return `${publicUrl.protocol}//${host}${publicUrl.port === '' ? '' : `:${publicUrl.port}`}/`;
    },
    path: (uuid, host) => `${schemeFor(place, host)}://${host}/app/${uuid}/`,
  };
}
