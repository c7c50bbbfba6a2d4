import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostMessage } from '../protocol.ts';
import { controlReader, type Told } from './control-reader.ts';

const LOAD = { cmd: 'load', program: { kind: 'module' }, secret_files: {} } as const;
const message: fc.Arbitrary<readonly [HostMessage, Uint8Array | null]> = fc.oneof(
  fc.nat().map((n) => [{ cmd: 'ping', n }, null] as const),
  fc.nat().map((grace_ms) => [{ cmd: 'stop', grace_ms }, null] as const),
  fc
    .record({
      env: fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })),
      source: fc.uint8Array({ maxLength: 300 }),
    })
    .map(({ env, source }) => [{ ...LOAD, env: { ...env }, bytes: source.length }, source] as const),
);

test('reads the same messages however their bytes are cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(40)), (messages, cuts) => {
      const bytes = Buffer.concat(
        messages.flatMap(([said, source]) => [
          Buffer.from(`${JSON.stringify(said)}\n`),
          source ?? Buffer.alloc(0),
        ]),
      );
      const read = controlReader();
      const told: Told[] = [];
      let from = 0;
      for (const cut of cuts) {
        told.push(...read(bytes.subarray(from, from + cut)));
        from += cut;
      }
      told.push(...read(bytes.subarray(from)));
      expect(told.map((one) => [one.message, one.bytes && [...one.bytes]])).toEqual(
        messages.map(([said, source]) => [JSON.parse(JSON.stringify(said)), source && [...source]]),
      );
    }),
  );
});
