import { secretNameOf } from '../../app/index.ts';
import type { AppState, VersionState } from '../../state/index.ts';

export const PRODUCTION = 'production';

/**
 * An app's whole environment (CONTRACTS §9): `[env]`, the target's own over it, and what the platform says over both.
 * Values that name a secret stay unset, as secrets are denied in this version.
 */
export function appEnvironment(
  app: AppState,
  version: VersionState,
  targetEnv: Readonly<Record<string, string>>,
): Record<string, string> {
  const declared = Object.entries({ ...version.env, ...targetEnv }).filter(
    ([, value]) => secretNameOf(value) === null,
  );
  return {
    ...Object.fromEntries(declared),
    TABBIFY_APP_ID: app.uuid,
    TABBIFY_APP_NAME: app.name,
    TABBIFY_OFFICE: app.office,
    TABBIFY_VERSION: String(version.version),
    TABBIFY_ENVIRONMENT: PRODUCTION,
  };
}
