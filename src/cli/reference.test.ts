import { expect, test } from 'vitest';
import { referenceOf } from './reference.ts';
import { TABBIFY } from './tabbify.ts';
import { TCLI } from './tcli.ts';

test('docs/commands.md says what the commands are', async () => {
  await expect(referenceOf([TABBIFY, TCLI])).toMatchFileSnapshot('../../docs/commands.md');
});
