import { NEW_NAMESPACE_OR_TRACE } from './clone-flags.ts';
import { COMMON_ANSWERS, COMMON_CALLS } from './common-calls.ts';
import type { CallProfile } from './rule.ts';
import {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_UNIX,
  MSG_OOB,
  NETLINK_ROUTE,
  SOCK_DGRAM,
  SOCK_FLAGS,
  SOCK_RAW,
  SOCK_STREAM,
  SOCKADDR_NL_BYTES,
} from './socket-arguments.ts';

/** "Remote I/O error": of drivers and network file systems alone. */
const EREMOTEIO = 121;

const IPPROTO = { IP: 0, TCP: 6, UDP: 17, IPV6: 41 };

/** include/uapi/linux/memfd.h and include/uapi/linux/fcntl.h */
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;

/** Options of sockets that may be set, by level: include/uapi/asm-generic/socket.h, linux/in.h, linux/tcp.h and linux/in6.h. */
const SOCKET_OPTIONS: readonly (readonly [level: number, options: readonly number[]])[] = [
  // SO_REUSEADDR, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_LINGER, SO_REUSEPORT
  [1, [2, 6, 7, 8, 9, 13, 15]],
  [IPPROTO.IP, [11]], // IP_RECVERR, of the C library's resolver
  [IPPROTO.TCP, [1, 4, 5, 6, 18]], // TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT
  [IPPROTO.IPV6, [25, 26]], // IPV6_RECVERR, IPV6_V6ONLY
];

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
    { calls: ['fork', 'vfork', 'waitid', 'setsid'], why: 'child processes, and groups of them' },
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
      calls: ['socket'],
      why: 'os.networkInterfaces(), which test runners and servers call: the kernel tells of the network of the box, and changes nothing in it for whoever has no capability',
      when: [
        { arg: 0, isOneOf: [AF_NETLINK] },
        { arg: 1, isOneOf: [SOCK_RAW], ignoring: SOCK_FLAGS },
        { arg: 2, isOneOf: [NETLINK_ROUTE] },
      ],
    },
    {
      calls: ['sendto'],
      why: 'the same: how the C library asks; it could ask by sendmsg as well',
      when: [
        { arg: 3, isOneOf: [0] },
        { arg: 5, isOneOf: [SOCKADDR_NL_BYTES] },
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
      calls: ['inotify_init1', 'inotify_add_watch', 'inotify_rm_watch'],
      why: 'test runners and bundlers watch files',
    },
    { calls: ['setpriority'], why: 'a build makes itself nicer; it cannot go below where it was started' },
    { calls: ['open', 'openat2'], why: 'other ways to do what openat does, of programs in C and Rust' },
    {
      calls: ['memfd_create'],
      why: 'componentize-js: the program that initializes components keeps their memory in one; it counts as memory of the box',
      when: [{ arg: 1, hasAll: 0, hasNone: ~(MFD_CLOEXEC | MFD_ALLOW_SEALING) >>> 0 }],
    },
    {
      calls: ['fcntl'],
      why: 'the same program seals it',
      when: [{ arg: 1, isOneOf: [F_ADD_SEALS] }],
    },
    ...SOCKET_OPTIONS.map(([level, options]) => ({
      calls: ['setsockopt'] as const,
      why: 'what Node and Go set on sockets of TCP and UDP; no filters, which the kernel would run',
      when: [
        { arg: 1, isOneOf: [level] },
        { arg: 2, isOneOf: options },
      ],
    })),
    {
      calls: ['sendmsg', 'recvmsg'],
      why: 'messages and descriptors between a Node process and its child',
      when: [{ arg: 2, hasAll: 0, hasNone: MSG_OOB }],
    },
  ],
  answered: COMMON_ANSWERS,
};
