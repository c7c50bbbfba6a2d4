import { NEW_NAMESPACE_OR_TRACE } from './clone-flags.ts';
import { COMMON_ANSWERS, COMMON_CALLS } from './common-calls.ts';
import type { CallProfile } from './rule.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  MSG_OOB,
  SOCK_DGRAM,
  SOCK_FLAGS,
  SOCK_STREAM,
} from './socket-arguments.ts';

/** "Remote I/O error": of drivers and network file systems alone. */
const EREMOTEIO = 121;

const IPPROTO = { IP: 0, TCP: 6, UDP: 17, IPV6: 41 };

/** The profile `tool`: programs with child processes, on a loopback network of their own. */
export const TOOL_CALLS: CallProfile = {
  refusal: EREMOTEIO,
  allowed: [
    ...COMMON_CALLS,
    {
      calls: ['clone'],
      why: 'threads and child processes, without namespaces of their own',
      when: [{ arg: 0, hasAll: 0, hasNone: NEW_NAMESPACE_OR_TRACE }],
    },
    { calls: ['fork', 'vfork', 'waitid'], why: 'child processes' },
    {
      calls: ['socket'],
      why: 'unix sockets, and the loopback of a network that has nothing else',
      when: [
        { arg: 0, isOneOf: [AF_UNIX, AF_INET, AF_INET6] },
        { arg: 1, isOneOf: [SOCK_STREAM, SOCK_DGRAM], ignoring: SOCK_FLAGS },
        { arg: 2, isOneOf: [IPPROTO.IP, IPPROTO.TCP, IPPROTO.UDP] },
      ],
    },
    {
      calls: ['socketpair'],
      why: 'standard input and output of a child process of Node',
      when: [
        { arg: 0, isOneOf: [AF_UNIX] },
        { arg: 1, isOneOf: [SOCK_STREAM, SOCK_DGRAM], ignoring: SOCK_FLAGS },
      ],
    },
    {
      calls: ['connect', 'bind', 'listen', 'accept4', 'getsockname', 'getpeername', 'getsockopt', 'shutdown'],
      why: 'streams',
    },
    {
      calls: ['sendmsg', 'recvmsg'],
      why: 'messages and descriptors between a Node process and its child',
      when: [{ arg: 2, hasAll: 0, hasNone: MSG_OOB }],
    },
  ],
  answered: COMMON_ANSWERS,
};
