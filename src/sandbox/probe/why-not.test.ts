import { expect, it } from 'vitest';
import { type MachineFacts, whyNot } from './why-not.ts';

const FACTS: MachineFacts = {
  isRoot: false,
  bwrapVersion: 'bubblewrap 0.8.0',
  bwrapIsSetuid: false,
  usernsClone: null,
  maxUserns: '63000',
  appArmorRestricts: null,
};

it.each<[Partial<MachineFacts>, string, string]>([
  [{ bwrapVersion: 'bubblewrap 0.7.0' }, 'too old (bubblewrap 0.7.0)', '0.8'],
  [{ bwrapVersion: null }, 'too old', '0.8'],
  [{ maxUserns: '0', isRoot: true }, 'switched off', 'user.max_user_namespaces'],
  [{ usernsClone: '0' }, 'only root', 'unprivileged_userns_clone=1'],
  [{ appArmorRestricts: '1' }, 'AppArmor', '`userns`'],
  [{ bwrapIsSetuid: true }, 'setuid', 'chmod u-s'],
  [{}, 'bwrap: No permission', 'container'],
  [{ usernsClone: '0', appArmorRestricts: '1', isRoot: true }, 'bwrap: No permission', 'container'],
  [{ bwrapVersion: 'bubblewrap 0.11.0', maxUserns: null }, 'bwrap: No permission', 'container'],
  [{ bwrapVersion: 'bubblewrap 1.0' }, 'bwrap: No permission', 'container'],
])('says of %o what it is and what helps', (facts, why, hint) => {
  const told = whyNot('bwrap: No permission', { ...FACTS, ...facts });
  expect(told).toEqual({ why: expect.stringContaining(why), hint: expect.stringContaining(hint) });
});
