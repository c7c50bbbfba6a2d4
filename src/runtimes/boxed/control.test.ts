import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openControl } from './control.ts';
import { type GuestMessage, MAX_GUEST_LINE } from './protocol.ts';

/** A host that hears what a guest writes. */
function host() {
  const [stream, guest] = duplexPair();
  const heard: GuestMessage[] = [];
  const wrong: string[] = [];
  const control = openControl(
    stream,
    (message) => heard.push(message),
    (why) => wrong.push(why),
  );
  /** All that was written has come through: streams in memory take a turn each. */
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { control, guest, stream, heard, wrong, settled };
}

const MESSAGES: readonly GuestMessage[] = [
  { said: 'warm' },
  { said: 'ready' },
  { said: 'pong', n: 7 },
  { said: 'failed', message: 'ünï\ncode', stack: null },
  { said: 'failed', message: 'm', stack: 's' },
  { said: 'stopped' },
];

describe('the host’s end of a control connection', () => {
  test('hears every message, however the bytes were cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 })), async (cuts) => {
        const { guest, heard, wrong, settled } = host();
        let rest = Buffer.from(MESSAGES.map((message) => `${JSON.stringify(message)}\n`).join(''));
        for (const cut of cuts) {
          guest.write(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        guest.write(rest);
        await settled();
        expect(heard).toEqual(MESSAGES);
        expect(wrong).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    'null',
    '1',
    '[]',
    '{}',
    'no JSON',
    '{"said":"hello"}',
    '{"said":"__proto__"}',
    '{"said":"pong"}',
    '{"said":"pong","n":"1"}',
    '{"said":"failed","message":1,"stack":null}',
    '{"said":"failed","message":"m"}',
  ])('does not listen any more to a guest that says %s', async (line) => {
    const { guest, heard, wrong, settled } = host();
    guest.write(`{"said":"warm"}\n${line}\n{"said":"ready"}\n`);
    await settled();
    guest.write('{"said":"stopped"}\n');
    await settled();
    expect(heard).toEqual([{ said: 'warm' }]);
    expect(wrong).toHaveLength(1);
  });

  test('a line that never ends is not kept', async () => {
    const { guest, stream, wrong, settled } = host();
    for (let bytes = 0; bytes <= MAX_GUEST_LINE; bytes += 16_384) {
      expect(wrong).toEqual([]);
      guest.write(Buffer.alloc(16_384, 'x'));
      await settled();
    }
    expect(wrong).toHaveLength(1);
    guest.write(Buffer.alloc(1 << 20, 'x'));
    await settled();
    expect(stream.readableLength).toBe(0);
  });

  test('says one line each, and bytes behind it', async () => {
    const { control, guest, settled } = host();
    let written = '';
    guest.on('data', (chunk) => {
      written += chunk;
    });
    control.say({ cmd: 'load', program: { kind: 'module' }, env: { A: 'ö\n' }, secret_files: {}, bytes: 3 });
    control.send(Buffer.from('abc'));
    control.say({ cmd: 'ping', n: 1 });
    await settled();
    expect(written).toBe(
      '{"cmd":"load","program":{"kind":"module"},"env":{"A":"ö\\n"},"secret_files":{},"bytes":3}\nabc{"cmd":"ping","n":1}\n',
    );
  });
});
