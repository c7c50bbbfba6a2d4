import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../testing/box-of.ts';
import { whyNoGroups } from './lack.ts';
import type { Hierarchy } from './mounts.ts';

/** Where a process is in a hierarchy of version 2. */
function unified(path: string, controllers: string): Hierarchy {
  const top = temporaryHome();
  const own = join(top, path);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(top, 'cgroup.controllers'), controllers);
  return { version: 2, controllers: [], path, own, top };
}

const FIRST: Hierarchy = { version: 1, controllers: ['memory'], path: '/', own: '/nowhere', top: '/nowhere' };

const FULL = 'cpu memory pids';

it.each<[string, () => readonly Hierarchy[], boolean, string, string]>([
  ['nothing mounted', () => [], false, 'mounted', 'container'],
  [
    'version 1, an ordinary user',
    () => [FIRST],
    false,
    'for root alone',
    'systemd.unified_cgroup_hierarchy=1',
  ],
  ['version 1, root', () => [FIRST], true, 'cannot be made', '/sys/fs/cgroup'],
  ['both, and all in version 1', () => [FIRST, unified('/', '')], false, 'for root alone', 'as root'],
  ['version 2, to be read only', () => [unified('/', FULL)], true, 'written to', 'container'],
  ['a session', () => [unified('/session-1.scope', FULL)], false, 'delegated', '-p Delegate=yes'],
  ['a service', () => [unified('/a.slice/t.service', FULL)], false, 'outlives its restart', '--scope'],
  ['its leaf', () => [unified('/t.service/office', FULL)], false, 'outlives its restart', '--scope'],
])('says of %s why there are no groups, and what helps', (_what, hierarchies, isRoot, why, hint) => {
  expect(whyNoGroups(hierarchies(), isRoot)).toEqual({
    why: expect.stringContaining(why),
    hint: expect.stringContaining(hint),
  });
});
