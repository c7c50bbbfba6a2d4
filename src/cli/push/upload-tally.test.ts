import { expect, test } from 'vitest';
import { cliError } from '../errors.ts';
import { uploadTally } from './upload-tally.ts';

const MB = 1024 * 1024;

test('an upload tells how far it is and how fast, once it takes longer than a moment', () => {
  let now = 0;
  const tally = uploadTally(() => now);
  tally.begin({ id: 'a', missing: [], offset: 100 * MB, length: 400 * MB });
  tally.taken(4 * MB);
  expect(tally.text()).toBe('');
  now = 2_000;
  tally.taken(16 * MB);
  expect(tally.text()).toBe('120 MB of 400 MB, 10 MB/s');
  now = 12_000;
  expect(tally.text()).toBe('120 MB of 400 MB, 0 B/s');
  tally.pause(cliError('office_not_running', { what: 'away' }));
  expect(tally.text()).toBe('broken off at 120 MB of 400 MB, trying again');
  tally.begin({ id: 'a', missing: [], offset: 110 * MB, length: 400 * MB });
  expect(tally.arrived()).toBe('up to 110 MB of 400 MB are with the office');
  tally.sent();
  expect(tally.text()).toBe('all of it is there, the office makes a version of it');
});
