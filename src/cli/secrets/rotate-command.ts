import type { CliCommand } from '../command.ts';
import { cliError } from '../errors.ts';
import { printable } from '../terminal/style.ts';
import { readValue } from './read-value.ts';
import { tenantOption } from './tenant-option.ts';

interface Flags {
  readonly fromStdin?: boolean;
  readonly masterKey?: boolean;
}

export const rotateCommand: CliCommand<Flags> = {
  usage: 'rotate [name] [value...]',
  summary: 'Put another value in the place of a secret’s; or make a new master key',
  details:
    'With --master-key every secret is put under a new master key while the office goes on; copies of the home from before then need the key from before.\n' +
    'Example: pass show anthropic | tabbify secrets rotate anthropic_api_key --from-stdin',
  options: [
    { flags: '--from-stdin', summary: 'read the value from stdin' },
    { flags: '--master-key', summary: 'replace the key of the machine that every secret is sealed under' },
    tenantOption,
  ],
  async run(context, [name, ...extra], { fromStdin = false, masterKey = false }) {
    if (masterKey === (name !== undefined)) {
      throw cliError('usage', {
        what: 'It is not clear what is to be replaced',
        why: masterKey
          ? 'a secret and --master-key were given'
          : 'neither a secret nor --master-key was given',
        hint: 'Name a secret, or give --master-key alone; see `tabbify secrets list`.',
      });
    }
    const { secrets } = await context.client();
    if (name === undefined) {
      const done = await secrets.rotateMasterKey();
      if (context.json) return context.printJson(done);
      const count = done.secrets === 1 ? 'The one secret is' : `All ${done.secrets} secrets are`;
      return context.print(
        `There is a new master key. ${count} under it. Keep a copy of it away from this machine.`,
      );
    }
    const known = extra.length > 0 ? undefined : (await secrets.list()).find((each) => each.name === name);
    const value = await readValue(context, { name, extra, fromStdin, isFile: known?.kind === 'file' });
    if (value === null) return context.print('Nothing was replaced.');
    const secret = await secrets.rotate(name, value);
    if (context.json) return context.printJson(secret);
    context.print(`Sealed ${printable(secret.name)}, version ${secret.version}. The value before is gone.`);
  },
};
