import { afterAll, describe, expect, test } from 'vitest';
import { entriesOf } from './entries/index.ts';
import { nameOf } from './entry.ts';
import { memberFailures } from './members.ts';
import { startWorld } from './start-world.ts';

describe.each(['alpha', 'default'])(
  'in the office %s, roles are fixed sets of what one may do:',
  async (slug) => {
    const world = await startWorld(slug);
    afterAll(() => world[Symbol.asyncDispose]());

    for (const operation of world.operations) {
      for (const entry of entriesOf(operation)) {
        test(nameOf(entry), async () => {
          expect(await memberFailures(world, operation, entry)).toEqual([]);
        });
      }
    }
  },
);
