import { OTHER_THAN_THREAD, THREAD } from './clone-flags.ts';
import { COMMON_ANSWERS, COMMON_CALLS } from './common-calls.ts';
import type { CallProfile } from './rule.ts';
import { AF_UNIX, SOCK_FLAGS, SOCK_STREAM } from './socket-arguments.ts';

/** "Protocol driver not attached": Node names it `EUNATCH`, and no call of the kernel that an app could make answers it. */
const EUNATCH = 49;

/**
 * The profile `app`: a program of one process with threads that serves streams on a unix socket.
 *
 * Not in it although Node has uses for them: `socketpair` (only child processes need it), `sendmsg` and `recvmsg` (descriptors
 * would pass, and streams need them not), `setsockopt`, `inotify_*` (`fs.watch`; `fs.watchFile` works).
 */
export const APP_CALLS: CallProfile = {
  refusal: EUNATCH,
  allowed: [
    ...COMMON_CALLS,
    {
      calls: ['clone'],
      why: 'threads as pthread_create(3) makes them: no process, no namespace',
      when: [{ arg: 0, hasAll: THREAD, hasNone: OTHER_THAN_THREAD }],
    },
    {
      calls: ['socket'],
      why: 'streams to the channel of the app',
      when: [
        { arg: 0, isOneOf: [AF_UNIX] },
        { arg: 1, isOneOf: [SOCK_STREAM], ignoring: SOCK_FLAGS },
        { arg: 2, isOneOf: [0] },
      ],
    },
    {
      calls: ['connect', 'bind', 'listen', 'accept4', 'getsockname', 'getpeername', 'getsockopt', 'shutdown'],
      why: 'the listener that the box is given, and streams to the channel',
    },
  ],
  answered: COMMON_ANSWERS,
};
