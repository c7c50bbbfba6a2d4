import { runRunner } from './run-runner.ts';

const runtimes = () => import('../runtimes/index.ts');

await runRunner({
  load: async () => (await runtimes()).runtimeOf,
  preload: async () => (await runtimes()).preloadRuntimes(),
});
