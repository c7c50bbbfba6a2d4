import { openSecretStore } from '../index.ts';

/** A process that has the store of `<home>` open, says so, and dies by SIGKILL in the middle of a change of the master key. */
const [home = ''] = process.argv.slice(2);
const store = await openSecretStore({
  home,
  atStep(step) {
    if (step === 'next key written') process.kill(process.pid, 'SIGKILL');
  },
});
process.stdout.write('open\n');
process.stdin.once('data', () => void store.rotateMasterKey('user:owner'));
