import { officeError } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The first descriptor that is passed (sd_listen_fds(3)). */
const FIRST_FD = 3;

/**
 * Descriptor of a socket that a service manager listens on for us, by the protocol of sd_listen_fds(3): it stays open while
 * the office is away, so visitors wait instead of being refused. Null when none was passed to this process.
 *
 * @param name what the socket is called in its unit (`FileDescriptorName=`); a single one may be called anything
 * @throws TabbifyError `config_invalid` when several were passed and none is called that
 */
export function passedListener(env: Environment, name: string): number | null {
  if (Number(env.LISTEN_PID) !== process.pid) return null;
  const count = Number(env.LISTEN_FDS);
  if (!Number.isInteger(count) || count < 1) return null;
  const names = (env.LISTEN_FDNAMES ?? '').split(':');
  const index = names.indexOf(name);
  if (index >= 0 && index < count) return FIRST_FD + index;
  if (count === 1) return FIRST_FD;
  throw officeError('config_invalid', {
    what: `None of the ${count} sockets that the service manager passed is called \`${name}\``,
    why: `they are called ${names.join(', ')}`,
    hint: `Write FileDescriptorName=${name} into the socket unit of the node, as \`tabbify up --print-socket\` does`,
  });
}
