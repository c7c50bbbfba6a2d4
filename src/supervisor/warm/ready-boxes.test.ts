import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { describeRuntimes } from '../../runtimes/index.ts';
import { newApp } from '../test-support/host.ts';
import { tinyHost } from '../test-support/tiny-host.ts';
import { until } from '../test-support/until.ts';

const host = tinyHost();

/** What each box of the home was told apart by. */
function boxes(): readonly string[] {
  const folder = join(host.home, 'boxes');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return names.flatMap((name) => {
    try {
      return (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { nonce: string }).nonce;
    } catch {
      return []; // it went while we looked
    }
  });
}

it.skipIf(skipWithout('bubblewrap', existsSync('/usr/bin/bwrap')))(
  'readies a box in each host that waits, which is that of the app it gets, and leaves none behind',
  async () => {
    const describe = () => describeRuntimes({ home: host.home });
    const supervisor = await host.start({ warmHosts: 1, describe });
    await until('a box in the host that waits', () => boxes().length === 1);
    const [first] = boxes();
    const app = newApp();
    host.node.assign(host.assignment(app, 1));
    const reply = await host.wake(supervisor, app); // a component
    expect((await host.visit(reply)).status).toBe(200);
    await until('the box of the next host', () => boxes().length === 2);
    expect(boxes()).toContain(first);
    await host.call(supervisor, 'POST', `/v1/apps/${app}/stop`);
    await until('the box of the host that waits alone', () => !boxes().includes(first ?? ''));
    await supervisor.close();
    expect(boxes()).toEqual([]);
  },
);
