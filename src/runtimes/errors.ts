import { defineErrors } from '../kit/index.ts';

/** What can keep an app from being run. What goes wrong inside a running app is its visitors' problem+json (`problems.ts`). */
export const runtimeError = defineErrors({
  /** The artifact's folder is not in the format its runtime reads: the platform's fault, publishing again mends it. */
  artifact_invalid: { status: 500, title: 'Artifact cannot be run' },
  /** The app itself failed while it was being started. */
  start_failed: { status: 422, title: 'App did not start' },
  /** This version of the platform has no such runtime. */
  runtime_unknown: { status: 400, title: 'No such runtime' },
});
