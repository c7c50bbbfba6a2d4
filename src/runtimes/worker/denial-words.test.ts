import { describe, expect, test } from 'vitest';
import { until } from '../testing/served-app.ts';
import { withoutFlags } from './denial-words.ts';
import { useWorkers, withoutBoxes } from './testing/worker-suite.ts';

test('leaves every other text as it is', () => {
  for (const text of [
    '',
    'Use --allow-fs-write',
    'Access to this API has been restricted. Use --allow-net to manage permissions.',
  ])
    expect(withoutFlags(text)).toBe(text);
});

describe.skipIf(withoutBoxes)('an app that tries what no app can do', () => {
  const { start } = useWorkers();
  const denied = (what: string) => `import { createRequire } from 'node:module'; import fs from 'node:fs';
    const require = createRequire(import.meta.url); const named = (name) => require('node:' + name);
    export default { fetch() { ${what}; return new Response('done'); } };`;

  test.each([
    [`fs.writeFileSync('data.json', '{}')`, 'in /tmp only'],
    [`fs.readFileSync('/etc/passwd')`, 'import what comes with it'],
    [`named('child_' + 'process').execSync('ls')`, 'starts no other programs'],
    [`new (named('worker_' + 'threads').Worker)('1', { eval: true })`, 'no worker threads'],
  ])('reads in its log what to do instead: %s', async (what, words) => {
    await using served = await start({}, denied(what));
    expect((await fetch(served.url)).status).toBe(500);
    await until('its log', () => served.logged.some((line) => line.includes(words)));
    expect(served.logged.join('\n')).not.toContain('--allow');
  });

  test('is told so when it fails to start for that', async () => {
    const source = `import fs from 'node:fs'; fs.mkdirSync('uploads'); export default () => new Response();`;
    await expect(start({}, source)).rejects.toThrow(/An app writes files in \/tmp only.*app\.ts:1/);
  });
});
