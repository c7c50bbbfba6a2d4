import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldEvents } from '../fold/fold.ts';
import { emptyOffice } from '../office-state.ts';
import { digest, historian } from '../testing/examples.ts';
import { anyHistory } from '../testing/histories.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';

const CODE = digest(0xc0de);

function office() {
  const { events, say } = historian();
  say('supervisor_joined');
  say('credential_issued');
  say('app_registered');
  say('version_published');
  say('deployment_requested');
  say('app_assigned');
  return foldEvents(events);
}

test('a state comes back as it was, and says what it is in its first line', () => {
  const state = office();
  const bytes = encodeSnapshot(state, CODE);
  expect(decodeSnapshot(bytes, CODE)).toEqual(state);
  const [line = ''] = Buffer.from(bytes).toString('latin1').split('\n');
  expect(JSON.parse(line)).toMatchObject({ snapshot: 'tabbify-state', format: 1, position: 6, code: CODE });
  expect(decodeSnapshot(encodeSnapshot(emptyOffice(), CODE), CODE)).toEqual(emptyOffice());
});

test('a snapshot of other code is none', () => {
  expect(decodeSnapshot(encodeSnapshot(office(), CODE), digest(0xbad))).toBeNull();
});

test('a snapshot with any bit changed, cut off anywhere or with anything behind it is none', () => {
  fc.assert(
    fc.property(
      anyHistory,
      fc.nat(),
      fc.nat(7),
      fc.uint8Array({ minLength: 1 }),
      (history, at, bit, more) => {
        const bytes = encodeSnapshot(foldEvents(history), CODE);
        const place = at % bytes.length;
        const flipped = Uint8Array.from(bytes);
        flipped[place] = bytes[place]! ^ (1 << bit);
        expect(decodeSnapshot(flipped, CODE)).toBeNull();
        expect(decodeSnapshot(bytes.subarray(0, place), CODE)).toBeNull();
        expect(decodeSnapshot(Buffer.concat([bytes, more]), CODE)).toBeNull();
      },
    ),
    { numRuns: 200 },
  );
});

test('every bit of the first line counts', () => {
  const bytes = encodeSnapshot(office(), CODE);
  for (let bit = 0; bit < (bytes.indexOf(0x0a) + 1) * 8; bit += 1) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    expect(decodeSnapshot(flipped, CODE)).toBeNull();
  }
});

test('bytes of any kind are no snapshot, and no error', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeSnapshot(bytes, CODE)).toBeNull();
    }),
  );
});

test('what carries its own digest and is not an office, or not the one it says, is no snapshot', () => {
  const state = office();
  const { revokedHashes: _, ...less } = state;
  const strange: unknown[] = [
    less,
    { ...state, more: 1 },
    { ...state, apps: {} },
    { ...state, position: 5 },
    7,
  ];
  for (const value of strange) expect(decodeSnapshot(sealed(value), CODE)).toBeNull();
  expect(decodeSnapshot(sealed(state), CODE)).toEqual(state); // the sealing is right
});

/** A snapshot of anything, as `encodeSnapshot` would write it at position 6. */
function sealed(value: unknown): Uint8Array {
  const payload = serialize(value);
  const sha256 = createHash('sha256').update(`1 6 ${CODE}\n`).update(payload).digest('hex');
  const line = {
    snapshot: 'tabbify-state',
    format: 1,
    position: 6,
    code: CODE,
    bytes: payload.length,
    sha256,
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), payload]);
}
