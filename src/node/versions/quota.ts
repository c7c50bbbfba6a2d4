import { type AppState, appsOf, type OfficeState } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import { keptVersions, storedVersions, versionsToDrop } from './kept-versions.ts';
import type { VersionLimits } from './limits.ts';
import type { Reservations } from './reservations.ts';

/**
 * Is there room for another version? What the office removes by itself after this push counts as removed, and what other pushes under
 * way will take as taken.
 *
 * @param bytes of the version's files
 * @throws quota_exceeded naming what is taken and what helps
 */
export function checkQuota(
  state: OfficeState,
  place: { readonly office: string; readonly app: string },
  bytes: number,
  limits: VersionLimits,
  reserved: Pick<Reservations, 'ofApp' | 'ofOffice'>,
): void {
  const app = state.apps.get(place.app);
  const underWay = reserved.ofApp(place);
  const ofApp = (app === undefined ? 0 : takenBy(state, app, limits)) + underWay;
  if (ofApp + bytes > limits.appBytes) {
    throw exceeded({
      what: `The app's versions would take ${mb(ofApp + bytes)}, and it may have ${mb(limits.appBytes)}`,
      why: `this one has ${mb(bytes)}, the ${app === undefined ? 0 : storedVersions(app).length} before it ${mb(ofApp - underWay)}${underWay === 0 ? '' : `, pushes under way or broken off ${mb(underWay)}`}`,
      hint: app === undefined ? LESS : `${removalHint(state, app)}. ${LESS}`,
    });
  }
  const stored = appsOf(state, place.office).reduce((sum, each) => sum + takenBy(state, each, limits), 0);
  const taken = stored + reserved.ofOffice(place.office);
  if (taken + bytes > limits.officeBytes) {
    throw exceeded({
      what: `The versions of all apps would take ${mb(taken + bytes)}, and the office may have ${mb(limits.officeBytes)}`,
      why: `this one has ${mb(bytes)}, all others together, with pushes under way, ${mb(taken)}`,
      hint: 'Remove versions that nobody needs: `tabbify versions remove <app> <version>`, or raise TABBIFY_OFFICE_QUOTA_MB',
    });
  }
}

const LESS = 'What need not be pushed is named in .tabbifyignore; TABBIFY_APP_QUOTA_MB is the bound';

function takenBy(state: OfficeState, app: AppState, { keep }: VersionLimits): number {
  const soonGone = new Set(keep === 0 ? [] : versionsToDrop(state, app, Math.max(1, keep - 1)));
  return storedVersions(app)
    .filter(({ version }) => !soonGone.has(version))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

function removalHint(state: OfficeState, app: AppState): string {
  const kept = keptVersions(state, app);
  const free = storedVersions(app)
    .map(({ version }) => version)
    .filter((version) => !kept.has(version))
    .slice(-5);
  if (free.length === 0) return 'None of its versions can be removed';
  return `Remove versions: \`tabbify versions remove ${app.slug} ${free.toReversed().join(' ')}\``;
}

function exceeded(text: { readonly what: string; readonly why: string; readonly hint: string }) {
  return nodeError('quota_exceeded', text);
}

function mb(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(1)} MB`;
}
