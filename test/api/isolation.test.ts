import { afterAll, describe, expect, test } from 'vitest';
import { uncovered } from './covered.ts';
import { ENTRIES, entriesOf } from './entries/index.ts';
import { nameOf } from './entry.ts';
import { startWorld } from './start-world.ts';
import { anonymousFailures, strangerFailures } from './strangers.ts';

/** The first office is walked as well: a route that forgets to ask which office means that one. */
describe.each(['alpha', 'default'])('from another office, everything of the office %s', async (slug) => {
  const world = await startWorld(slug);
  afterAll(() => world[Symbol.asyncDispose]());

  test('every operation of /openapi.json has an entry', () => {
    expect(uncovered(world.operations, ENTRIES)).toEqual([]);
  });

  test('what is said of an app, by people, the platform and its host, belongs to its office', async () => {
    for (const { slug: own, app } of [world.a, world.b]) {
      const about = (await world.events()).filter(({ subject }) => subject === `app/${app}`);
      const types = new Set(about.map(({ type }) => type));
      for (const type of ['version_published', 'app_assigned', 'assignment_applied', 'delivery_failed']) {
        expect(types).toContain(type);
      }
      expect(about.filter(({ tenant }) => tenant !== own)).toEqual([]);
    }
  });

  const calls = world.operations.flatMap((operation) =>
    entriesOf(operation).map((entry) => ({ operation, entry, name: nameOf(entry) })),
  );

  // first, while no refusal of a known actor is on its way into the log
  test.each(calls)('$name does nothing for who shows no credential', async ({ operation, entry }) => {
    expect(await anonymousFailures(world, operation, entry)).toEqual([]);
  });

  test.each(calls)('$name is out of reach', async ({ operation, entry }) => {
    expect(await strangerFailures(world, operation, entry)).toEqual([]);
  });
});
