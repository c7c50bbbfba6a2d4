import { expect, it } from 'vitest';
import { diskFull } from './disk-full.ts';

it('says of a full disk what to do, and nothing of other errors', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(diskFull(full)).toMatchObject({
    code: 'build_broken',
    what: 'The disk of the office is full',
    why: full.message,
    hint: expect.stringContaining('Free space'),
  });
  for (const other of [new Error('ENOSPC'), Object.assign(new Error(), { code: 'EACCES' }), null, 'text']) {
    expect(diskFull(other)).toBeNull();
  }
});
