import { describe, expect, it } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { findPrograms } from '../launch/programs.ts';
import { temporaryHome } from '../testing/box-of.ts';
import { probeBoxes } from './probe-boxes.ts';

it('says what is missing on a machine without bubblewrap', async () => {
  const { bwrap, ...others } = findPrograms();
  expect(await probeBoxes({ home: temporaryHome() }, others)).toEqual({
    possible: false,
    why: 'bubblewrap is not installed',
    hint: expect.stringContaining('`bubblewrap`'),
  });
});

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a machine with it', () => {
  it('has started a box, and says what it bounds', async () => {
    const report = await probeBoxes({ home: temporaryHome() });
    expect(report).toMatchObject({ possible: true, limits: { tmp: 'enforced', openFiles: 'enforced' } });
  });
});
