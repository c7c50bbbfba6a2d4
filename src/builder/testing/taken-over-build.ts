import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeScratch, removeScratch } from '../artifact-cache.ts';
import { buildOrder } from '../boxed/build-order.ts';
import { receiveArtifact } from '../boxed/received-artifact.ts';
import { runInBox } from '../boxed/run-in-box.ts';
import type { BuildStep } from '../build-step.ts';
import { buildCacheDirectory } from '../cache-directory.ts';

/** What a hostile build got out of its box. */
export interface TakenOver {
  /** Steps and their details, as a deployment would show them. */
  readonly said: string;
  /** Null: the build was taken for a good one, and `artifact` is its folder. */
  readonly failure: Error | null;
  readonly artifact: string;
}

/**
 * Runs code in the process of a build as if a hole in a bundler or an engine had let it in, before anything of the build itself runs.
 *
 * @param home `TABBIFY_HOME`
 * @param code CommonJS; `say(message)` writes a message as the build process does
 * @param artifact is made, where an artifact came out
 */
export async function takenOverBuild(
  home: string,
  code: string,
  artifact: string,
  timeoutMs = 60_000,
): Promise<TakenOver> {
  const cacheDir = buildCacheDirectory(home);
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const scratchDir = await makeScratch(cacheDir);
  const said: string[] = [];
  const onProgress = (step: BuildStep, detail: string): void => void said.push(`${step}: ${detail}`);
  try {
    const source = join(scratchDir, 'source');
    await mkdir(source);
    await chmod(source, 0o755);
    await writeFile(join(source, 'evil.cjs'), `${SAY}\n${code}`);
    await chmod(join(source, 'evil.cjs'), 0o644);
    const received = receiveArtifact('module');
    const order = buildOrder({ kind: 'module', main: 'evil.cjs' }, source, null);
    const deadline = performance.now() + timeoutMs;
    const failure = await runInBox(
      { home, scratchDir, deadline, timeoutMs, signal: undefined, onProgress },
      {
        ...order,
        env: { ...order.env, NODE_OPTIONS: '--require=/source/evil.cjs' },
        artifact: received,
      },
    ).then(
      () => received.write(artifact).then(() => null),
      (error: Error) => error,
    );
    return { said: said.join('\n'), failure, artifact };
  } finally {
    await removeScratch(scratchDir);
  }
}

const SAY = `const say = (message, bytes = '') => require('node:fs').writeFileSync(3, Buffer.concat([Buffer.from(JSON.stringify(message) + '\\n'), Buffer.from(bytes)]));`;
