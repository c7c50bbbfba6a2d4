import { type Manifest, secretNameOf } from '../../app/index.ts';

/** What an app finds in its environment (CONTRACTS §9) where there is no office: `[env]` without what names a secret. */
export function appEnvironment({ app, env }: Manifest): Readonly<Record<string, string>> {
  const declared = Object.entries(env).filter(([, value]) => secretNameOf(value) === null);
  return { ...Object.fromEntries(declared), TABBIFY_APP_NAME: app.name, TABBIFY_ENVIRONMENT: 'test' };
}
