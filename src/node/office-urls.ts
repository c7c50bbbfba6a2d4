import { type Place, schemeFor } from './edge/addresses.ts';

/** Builds the addresses that the API hands out. */
export interface OfficeUrls {
  /** The app at the root of its own origin. */
  app(slug: string): string;
  /** The app under the office's origin, as seen by who asked. @param host `Host` of the request */
  path(uuid: string, host: string): string;
}

/** @param port the port the node listens on */
export function officeUrls(place: Place, port: () => number): OfficeUrls {
  return {
    app(slug) {
      const { domain, publicUrl } = place;
      if (publicUrl === null || domain === 'localhost') return `http://${slug}.${domain}:${port()}/`;
      return `${publicUrl.protocol}//${slug}.${domain}${publicUrl.port === '' ? '' : `:${publicUrl.port}`}/`;
    },
    path: (uuid, host) => `${schemeFor(place, host)}://${host}/app/${uuid}/`,
  };
}
