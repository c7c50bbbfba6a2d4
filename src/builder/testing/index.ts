export { leavePrepared, lendPrepared, preparedBuilds, sharedBuilds } from './lent-builds.ts';
export { buildNpmApp } from './npm-app.ts';
export { packageJson, type TestRegistry, testRegistry } from './registry.ts';
export { takenOverBuild } from './taken-over-build.ts';
