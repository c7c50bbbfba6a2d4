import { describe, expect, test } from 'vitest';
import type { EgressAttack } from './testing/attacks/attack.ts';
import { EGRESS_ATTACKS } from './testing/attacks/index.ts';
import { tryAttack } from './testing/attacks/try-attack.ts';
import { withPort } from './testing/attacks/with-port.ts';
import { openCanary } from './testing/canary.ts';
import { clientHello } from './testing/client-hello.ts';

for (const [group, attacks] of Object.entries(EGRESS_ATTACKS)) {
  describe(`the canary hears nothing of ${group}`, () => {
    test.each(attacks.map((attack) => [attack.name, attack] as const))('%s', async (_, attack) => {
      await using canary = await openCanary();
      const { received } = await tryAttack(attack, canary.port);
      const mayHear = withPort(attack.heard ?? '', canary.port);
      expect(mayHear.slice(0, canary.heard.length)).toBe(canary.heard);
      if (attack.attempt.kind === 'speak') return;
      // Where the canary cannot listen, as on every address of this machine, it is known by the answer.
      expect([canary.connections, received.includes('200 Connection Established')]).toEqual([0, false]);
    });
  });
}

/** The same as attacks that would come through, so that the suite is known to see it. */
const heard = (granted: string, words: Buffer | string): EgressAttack => ({
  name: granted,
  granted: [granted, '127.0.0.1:{port}'],
  addresses: { 'allowed.example': [['127.0.0.1']] },
  attempt: { kind: 'speak', host: 'allowed.example', words: [words] },
});
const GOOD = 'GET / HTTP/1.1\r\nhost: allowed.example:{port}\r\n\r\n';

test.each([
  heard('https://allowed.example:{port}', clientHello({ names: ['Allowed.Example'], recordBytes: 7 })),
  heard('http://allowed.example:{port}', GOOD),
  heard('allowed.example:{port}', GOOD),
  heard('allowed.example:{port}', clientHello({ names: ['allowed.example'] })),
  heard('allowed.example:{port}', '\0\0\0\x08 as databases speak'),
  heard('allowed.example:{port}', 'EHLO somebody\r\n'),
])('what is granted is heard: $name', async (attack) => {
  await using canary = await openCanary((socket) => void socket.once('data', () => socket.end()));
  await tryAttack(attack, canary.port);
  const [said] = attack.attempt.kind === 'dial' ? [] : attack.attempt.words;
  expect(canary.heard).toBe(withPort(String(said), canary.port));
});

test('a place that is granted is dialled', async () => {
  await using canary = await openCanary((socket) => void socket.end('hello'));
  const attempt = { kind: 'dial', host: '127.0.0.1' } as const;
  const { received } = await tryAttack({ name: '', granted: ['127.0.0.1:{port}'], attempt }, canary.port);
  expect([received.includes('200 Connection Established'), canary.connections]).toEqual([true, 1]);
});
