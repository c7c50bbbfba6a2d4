import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';
import { Fields, fieldsOf } from './fields.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const guest = () => new Guest(1e9);

test('what is taken can always be sent: a token for a name, no control character in a value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (name, value) => {
      let taken: Fields;
      try {
        taken = Fields.made(guest(), [[name, value]]);
      } catch (error) {
        expect(error).toBeInstanceOf(WasiFailure);
        return;
      }
      const [[sentName, sentValue] = ['', bytes('')]] = taken.entries();
      expect(() => new Headers([[sentName, Buffer.from(sentValue).toString('latin1')]])).not.toThrow();
    }),
  );
});

test('a value is bytes, whatever type a guest has declared for it', () => {
  // As numbers of 32 bits no element is a control character; as bytes they would be the end of a line.
  const endOfLine = Uint32Array.of(0x0a0d_4141) as unknown as Uint8Array;
  for (const value of [endOfLine, 'text' as unknown as Uint8Array]) {
    expect(() => Fields.made(guest(), [['x-a', value]])).toThrow(WasiFailure as never);
  }
});

test('names match whatever their case; set replaces, append adds, delete removes', () => {
  const fields = Fields.made(guest(), [['X-A', bytes('1')]]);
  fields.append('x-a', bytes('2'));
  expect(fields.get('X-a').map(String)).toEqual(['1', '2']);
  fields.set('X-A', [bytes('3')]);
  expect(fields.get('x-a').map(String)).toEqual(['3']);
  fields.delete('x-A');
  expect(fields.has('x-a')).toBe(false);
});

test('a failed set changes nothing', () => {
  const fields = Fields.made(guest(), [['x-a', bytes('1')]]);
  expect(() => fields.set('x-a', [bytes('2'), bytes('\n')])).toThrow(WasiFailure as never);
  expect(fields.get('x-a').map(String)).toEqual(['1']);
});

test('fields of a message that came in cannot be changed, their copy can', () => {
  const fields = Fields.fixed(guest(), [['x-a', bytes('1')]]);
  for (const change of [() => fields.append('x-b', bytes('')), () => fields.delete('x-a')]) {
    expect(change).toThrow(expect.objectContaining({ payload: { tag: 'immutable' } }));
  }
  expect(() => fields.clone().append('x-b', bytes(''))).not.toThrow();
});

test('a guest may hold a bounded number of bytes in headers, and gets them back', () => {
  const owner = guest();
  const value = new Uint8Array(1000);
  value.fill(0x61);
  const hold = () =>
    Fields.made(
      owner,
      Array.from({ length: 100 }, () => ['x-a', value] as const),
    );
  expect(() =>
    Fields.made(
      owner,
      Array.from({ length: 200 }, () => ['x-a', value] as const),
    ),
  ).toThrow(/128 KiB/);
  for (let turn = 0; turn < 1000; turn++) hold()[Symbol.dispose]();
  expect(() => Array.from({ length: 1000 }, hold)).toThrow(/bytes of headers/);
});

test('what a guest constructs and what the host hands out are of one kind', () => {
  const owner = guest();
  const GuestFields = fieldsOf(owner);
  expect(new GuestFields()).toBeInstanceOf(Fields);
  expect(Fields.fixed(owner, [])).toBeInstanceOf(GuestFields);
  expect({}).not.toBeInstanceOf(GuestFields);
});
