import { defineErrors } from '../kit/index.ts';

/** Everything that can go wrong with an app's identity and manifest; all of it is the author's to mend. */
export const appError = defineErrors({
  /** A text that should be an app id is no UUID. */
  app_id_invalid: { status: 400, title: 'Invalid app id' },
  /** `app.name` makes no slug: empty, too long, or without a letter or digit. */
  app_name_invalid: { status: 400, title: 'Invalid app name' },
  /** The slug belongs to the platform. */
  app_name_reserved: { status: 400, title: 'Reserved app name' },
  /** `tabbify.lock` cannot be read. */
  lock_invalid: { status: 400, title: 'Invalid tabbify.lock' },
  /** `[app].id` and `tabbify.lock` name different apps. */
  identity_conflict: { status: 409, title: 'Two identities for one app' },
  /** The manifest is no TOML, or cannot take the id. */
  manifest_invalid: { status: 400, title: 'Invalid manifest' },
});
