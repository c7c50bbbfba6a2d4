import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectBox } from './expect-box.ts';
import { chooseGroups, trustGroups } from './groups/choose.ts';
import { openBox } from './open-box.ts';
import { nodeBox, temporaryHome } from './testing/box-of.ts';

it('a box that was expected is as any other, and so is the next', async () => {
  const home = temporaryHome();
  expectBox({ home }, chooseGroups().holds.size > 0);
  for (const _ of ['expected', 'next']) {
    const box = await openBox(nodeBox(home, 'setInterval(() => {}, 60_000)'));
    await box.verify();
    await box.kill();
  }
  expect(readdirSync(join(home, 'boxes')).filter((name) => !name.startsWith('uid-'))).toEqual([]);
});

it('what is expected where no box can be made says nothing: the box will', () => {
  expect(() => expectBox({ home: '/dev/null/nowhere' }, false)).not.toThrow();
});

it('groups that somebody else has tried are those that would be found', () => {
  const { holds } = chooseGroups();
  trustGroups();
  expect([...chooseGroups().holds]).toEqual([...holds]);
});
