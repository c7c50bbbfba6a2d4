import { type Manifest, secretNameOf } from '../app/index.ts';

/** Id of an app that has none yet: it gets one with its first push. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * An app's whole environment (CONTRACTS §9) while it is written: `[env]` without what names a secret, as none is given here, and over it what
 * the platform says.
 */
export function devEnvironment({ app, env }: Manifest): Readonly<Record<string, string>> {
  const declared = Object.entries(env).filter(([, value]) => secretNameOf(value) === null);
  return {
    ...Object.fromEntries(declared),
    TABBIFY_APP_ID: app.id ?? NO_ID,
    TABBIFY_APP_NAME: app.name,
    TABBIFY_OFFICE: 'default',
    TABBIFY_VERSION: '0',
    TABBIFY_ENVIRONMENT: 'dev',
  };
}
