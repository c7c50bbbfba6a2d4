import { defineErrors } from '../kit/index.ts';

export const officeError = defineErrors({
  /** A setting in the environment or a flag cannot be read; the person mends the setting. */
  config_invalid: { status: 400, title: 'Setting cannot be read' },
  /** Another office has this home open; the person uses that one or another home. */
  office_running: { status: 409, title: 'Office is already open' },
  /** The address is taken or not this machine's; the person picks another. */
  bind_failed: { status: 500, title: 'Cannot listen' },
  /** The home directory cannot be made or written. */
  home_unusable: { status: 500, title: 'Home directory cannot be used' },
});
