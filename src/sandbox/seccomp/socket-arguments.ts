/** Arguments of socket(2), from include/linux/socket.h and include/linux/net.h; the same on x86_64 and arm64. */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;

/** The protocol of AF_NETLINK that tells of interfaces, addresses and routes (include/linux/netlink.h). */
export const NETLINK_ROUTE = 0;
/** Size of `struct sockaddr_nl`. */
export const SOCKADDR_NL_BYTES = 12;

/** SOCK_NONBLOCK and SOCK_CLOEXEC, which stand in the same argument as the type. */
export const SOCK_FLAGS = 0o4000 | 0o2000000;

/** Of send(2) and recv(2): bytes out of the order of the stream. On unix sockets nobody uses it, and it had holes of its own. */
export const MSG_OOB = 1;
