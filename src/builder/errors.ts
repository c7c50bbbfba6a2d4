import { defineErrors } from '../kit/index.ts';

/** What can go wrong in a build. Statuses below 500 are the author's to mend, the others the platform's. */
export const builderError = defineErrors({
  /** The app's source, component, manifest or lockfile does not build; the text says where. */
  build_failed: { status: 422, title: 'Build failed' },
  /** The build ran longer than its limit and was ended. */
  build_timeout: { status: 422, title: 'Build took too long' },
  /** Whoever asked for the build took the request back. */
  build_aborted: { status: 409, title: 'Build was cancelled' },
  /** No box can be built on this machine, and tests run in nothing else. */
  tests_unboxed: { status: 501, title: 'No sandbox for tests' },
  /** The build process itself died or answered nonsense: the platform's fault. */
  build_broken: { status: 500, title: 'Build process failed' },
});
