import { once } from 'node:events';
import { join } from 'node:path';
import { startChild } from '../../kit/index.ts';
import { lendPrograms } from '../../runner/testing/index.ts';
import type { TestHost } from './host.ts';

/** A supervisor in a process of its own. */
export interface SupervisorElsewhere {
  /** Null when it did not live to answer. */
  wake(app: string): Promise<Response | null>;
  /** As `kill -9` does; resolves when it is gone. */
  kill(): Promise<void>;
}

/** @param warmHosts hosts it keeps ready */
export async function startElsewhere(
  { home, node }: Pick<TestHost, 'home' | 'node'>,
  warmHosts = 0,
): Promise<SupervisorElsewhere> {
  await lendPrograms(home);
  const program = join(import.meta.dirname, 'supervisor-process.ts');
  const args = [program, home, node.url, node.ownerKey, String(warmHosts)];
  const child = startChild(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return {
    wake(app) {
      const headers = { authorization: `Bearer ${node.presence()?.control_key}` };
      const url = `${String(line).trim()}/v1/apps/${app}/wake`;
      return fetch(url, { method: 'POST', headers }).catch(() => null);
    },
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
