import { afterAll, describe, expect, test } from 'vitest';
import { ENTRIES } from './entries/index.ts';
import { memberFailures } from './members.ts';
import { startWorld } from './start-world.ts';

describe.each(['alpha', 'default'])(
  'in the office %s, roles are fixed sets of what one may do:',
  async (slug) => {
    const world = await startWorld(slug);
    afterAll(() => world[Symbol.asyncDispose]());

    for (const operation of world.operations) {
      const entry = ENTRIES.find(({ operation: key }) => key === operation.key);
      if (entry === undefined) continue; // told by the isolation walk
      test(operation.key, async () => {
        expect(await memberFailures(world, operation, entry)).toEqual([]);
      });
    }
  },
);
