import { canonicalAppId } from '../../app/index.ts';
import { artifactError } from '../errors.ts';

/** Which app of which office. */
export interface AppPlace {
  /** The office's slug. */
  readonly office: string;
  readonly app: string;
}

const DEFAULT_OFFICE = 'default';

/**
 * Where an app's objects lie: `apps/<uuid>`, below `offices/<office>/` for every office but the first (CONTRACTS §5).
 *
 * @throws app_id_invalid, object_key_invalid
 */
export function appPrefix({ office, app }: AppPlace): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(office)) {
    throw artifactError('object_key_invalid', {
      what: `${JSON.stringify(office.slice(0, 80))} is no office`,
      why: 'an office has a slug of at most 63 letters, digits and hyphens',
    });
  }
  const below = office === DEFAULT_OFFICE ? '' : `offices/${office}/`;
  return `${below}apps/${canonicalAppId(app)}`;
}

/** Where what was built of a version lies: `artifacts/<uuid>/v<N>`, the same for every office, as UUIDs are. */
export function artifactsPrefix({ app, version }: AppPlace & { readonly version: number }): string {
  return `artifacts/${canonicalAppId(app)}/v${version}`;
}

/** Where a version's files lie: `apps/<uuid>/v<N>`. */
export function versionPrefix(place: AppPlace & { readonly version: number }): string {
  return `${appPrefix(place)}/v${place.version}`;
}
