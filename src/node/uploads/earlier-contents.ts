import { type ObjectStore, readTree, versionPrefix } from '../../artifacts/index.ts';
import type { OfficeState } from '../../state/index.ts';
import { storedVersions } from '../versions/kept-versions.ts';
import type { Place } from '../versions/reservations.ts';

/** Versions that are looked through: the last three are never removed. */
const LOOKED_THROUGH = 3;

/**
 * Contents that the newest versions of this app have, with the key under which each lies. No other app is asked, were it of the same
 * office: who may push one must not learn what another holds.
 *
 * @throws digest_mismatch, store_unavailable
 */
export async function earlierContents(
  store: ObjectStore,
  office: OfficeState,
  place: Place,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const app = office.apps.get(place.app);
  if (app === undefined || app.office !== place.office) return found;
  for (const { version, digest } of storedVersions(app).slice(0, LOOKED_THROUGH)) {
    const prefix = versionPrefix({ ...place, version });
    for (const [path, file] of await readTree(store, prefix, digest)) {
      if (!found.has(file.sha256)) found.set(file.sha256, `${prefix}/${path}`);
    }
  }
  return found;
}
