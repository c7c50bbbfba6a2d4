import { expect, test } from 'vitest';
import { useWorkers, withoutBoxes } from '../worker/testing/worker-suite.ts';

const { start } = useWorkers();

const FORGER = `
  import { writeSync } from 'node:fs';
  export default (request) => {
    const said = new URL(request.url).searchParams.get('said');
    if (said !== null) writeSync(3, said + '\\n');
    return new Response('said');
  };
`;

test.skipIf(withoutBoxes).each([
  ['a line of the platform', { said: 'log', line: 'the app is perfectly well' }],
  ['figures', { said: 'figures', figures: { fuel_used: 1e9, instances: 7 } }],
  ['what nobody says', { said: 'granted' }],
])(
  'a module that says %s over its guest’s connection is ended, and nothing of it is believed',
  async (_, said) => {
    await using served = await start({}, FORGER);
    expect((await fetch(served.url)).status).toBe(200);
    await fetch(`${served.url}/?said=${encodeURIComponent(JSON.stringify(said))}`).catch(() => {});
    expect(await served.app.exited).toMatchObject({
      reason: expect.stringContaining('it said what no guest'),
    });
    expect(served.logged.join('\n')).not.toContain('perfectly well');
    expect(served.app.stats()).not.toHaveProperty('fuel_used');
  },
);
