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
    const digests = await Promise.all([builderDigest('module'), builderDigest('wasm-http')]);
    const [modules, components] = digests.map((digest) => digest.slice('sha256:'.length, 19));
    return fine('Builder', `present (modules ${modules}, components ${components})`);
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
