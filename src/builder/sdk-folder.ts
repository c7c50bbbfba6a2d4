import { fileURLToPath } from 'node:url';

/** The package that app code imports from the platform. */
export const SDK_PACKAGE = '@tabbify/sdk';

/** Folder of the platform's copy, beside the rooms: in a checkout, in a package and in the box of a build. */
export const SDK_FOLDER = fileURLToPath(new URL('../../sdk', import.meta.url));

/** Is it a file of the sdk that can come into an app? Its tests cannot. */
export function isSdkSource(path: string): boolean {
  return path.startsWith('src/') && !path.startsWith('src/testing/') && !/\.test\.[jt]s$/.test(path);
}
