import { runRunner } from './run-runner.ts';

await runRunner(async () => {
  const { preloadRuntimes, runtimeOf } = await import('../runtimes/index.ts');
  await preloadRuntimes();
  return runtimeOf;
});
