import type { AppState, VersionState } from '../../state/index.ts';

export const PRODUCTION = 'production';

/**
 * An app's whole environment (CONTRACTS §9): `[env]`, the target's own over it, and what the platform says over both.
 * Values that name a secret stay as they are written: its host is told what of them was granted.
 */
export function appEnvironment(
  app: AppState,
  version: VersionState,
  targetEnv: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    ...version.env,
    ...targetEnv,
    TABBIFY_APP_ID: app.uuid,
    TABBIFY_APP_NAME: app.name,
    TABBIFY_OFFICE: app.office,
    TABBIFY_VERSION: String(version.version),
    TABBIFY_ENVIRONMENT: PRODUCTION,
  };
}
