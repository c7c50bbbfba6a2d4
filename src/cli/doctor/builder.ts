import { type Check, fine, problemFound } from './check.ts';

/** What a build needs of the installed packages. */
const PACKAGES = ['esbuild', '@bytecodealliance/componentize-js', '@bytecodealliance/jco-transpile'];

export const builder: Check = {
  name: 'Builder',
  async look() {
    const missing = PACKAGES.filter((name) => !canResolve(name));
    if (missing.length > 0)
      return problemFound('Builder', `${missing.join(', ')} not installed`, 'Run `npm ci` in the clone.');
    const { builderDigest } = await import('../../builder/index.ts');
    return fine('Builder', `present (${(await builderDigest()).slice(0, 12)})`);
  },
};

function canResolve(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
