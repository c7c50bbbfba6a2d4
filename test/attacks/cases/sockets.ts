import { type Attack, whatItNames } from '../attack.ts';

/** Sockets of the host: the harness listens, and none of its listeners may hear anything. */
export const socketAttacks: readonly Attack[] = [
  {
    name: 'connects to TCP ports of the host',
    layers: ['app', 'box'],
    hole: 'network',
    code: async (targets, get) => {
      const net = get('node:net');
      const http = get('node:http');
      const { tcpPort: port } = targets;
      const hosts = [
        '127.0.0.1',
        'localhost',
        '::ffff:127.0.0.1',
        '0.0.0.0',
        '127.1',
        '2130706433',
        '0x7f.1',
      ];
      const wait = (emitter: NodeJS.EventEmitter, event: string) =>
        new Promise((resolve) => {
          setTimeout(resolve, 1_000);
          emitter.on(event, resolve).on('error', resolve);
        });
      await Promise.all(
        hosts.flatMap((host) => {
          const name = host.includes(':') ? `[${host}]` : host;
          const ways = [
            () =>
              wait(
                net.connect(port, host, function (this: { write(text: string): void }) {
                  this.write('hello from inside');
                }),
                'close',
              ),
            () => wait(http.get({ host, port, timeout: 900 }), 'response'),
            () => fetch(`http://${name}:${port}/`, { signal: AbortSignal.timeout(900) }),
            () => wait(new WebSocket(`ws://${name}:${port}/`) as never as NodeJS.EventEmitter, 'open'),
          ];
          return ways.map(async (way) => {
            try {
              await way();
            } catch {}
          });
        }),
      );
    },
  },
  {
    name: 'sends datagrams and names to look up',
    layers: ['app', 'box'],
    hole: 'network',
    code: async (targets, get) => {
      const ways = [
        async () => {
          const socket = get('node:dgram').createSocket('udp4');
          await new Promise((resolve) => {
            setTimeout(resolve, 300);
            socket.on('error', resolve).send('hello', targets.udpPort, '127.0.0.1', resolve);
          });
          socket.close();
        },
        async () => {
          const { Resolver } = get('node:dns').promises;
          const resolver = new Resolver({ timeout: 300, tries: 1 });
          resolver.setServers([`127.0.0.1:${targets.udpPort}`]);
          await resolver.resolve4('attack.invalid');
        },
        async () => void (await get('node:dns').promises.lookup('attack.invalid')),
      ];
      await Promise.all(
        ways.map(async (way) => {
          try {
            await way();
          } catch {}
        }),
      );
    },
  },
  {
    name: 'connects to unix sockets of the host by their paths',
    layers: ['app', 'box'],
    hole: 'files',
    code: async (targets, get) => {
      const net = get('node:net');
      for (const path of targets.sockets)
        await new Promise<void>((resolve) => {
          const socket = net.connect({ path });
          socket.on('connect', () => socket.write('{"cmd":"shutdown"}\n', () => socket.destroy()));
          socket.on('error', () => resolve()).on('close', () => resolve());
        });
    },
  },
  {
    name: 'connects to abstract sockets of the host',
    layers: ['app', 'box'],
    hole: 'network',
    code: async (targets, get) => {
      const net = get('node:net');
      await new Promise<void>((resolve) => {
        const socket = net.connect({ path: `\0${targets.abstractSocket}` });
        socket.on('connect', () => socket.write('hello', () => socket.destroy()));
        socket.on('error', () => resolve()).on('close', () => resolve());
      });
    },
  },
  {
    name: "finds the sockets of Docker, systemd and others where they always are, or anybody's by looking",
    layers: ['app', 'box'],
    crossed: whatItNames,
    code: async (_targets, get) => {
      const fs = get('node:fs');
      const net = get('node:net');
      const paths = [
        '/run/docker.sock',
        '/var/run/docker.sock',
        '/run/containerd/containerd.sock',
        '/run/podman/podman.sock',
        '/run/dbus/system_bus_socket',
        '/run/systemd/private',
        '/run/systemd/journal/socket',
        '/dev/log',
        '/run/nscd/socket',
        '/tmp/.X11-unix/X0',
      ];
      const look = (folder: string, depth: number) => {
        try {
          for (const name of fs.readdirSync(folder)) {
            const path = `${folder}/${name}`;
            const stat = fs.lstatSync(path);
            if (stat.isSocket() && path !== '/run/tabbify/channel.sock') paths.push(path);
            if (stat.isDirectory() && depth < 4) look(path, depth + 1);
          }
        } catch {}
      };
      for (const folder of ['/run', '/var/run', '/tmp', '/app', '/dev']) look(folder, 0);
      const reached: string[] = [];
      for (const path of paths)
        await new Promise<void>((resolve) => {
          const socket = net.connect({ path });
          socket.on('connect', () => {
            reached.push(path);
            socket.destroy();
          });
          socket.on('error', () => resolve()).on('close', () => resolve());
        });
      return reached;
    },
  },
  {
    name: 'makes sockets of every other family: TCP, raw, netlink, packet, vsock, Bluetooth, crypto',
    layers: ['box'],
    hole: 'filter',
    crossed: whatItNames,
    code: (_targets, _get, kernel) => {
      const AF_UNIX = 1;
      const made = new Set<string>();
      for (let family = 0; family < 46; family += 1)
        for (const type of [1, 2, 3, 4, 5])
          for (const protocol of [0, 1, 15, 16])
            if (family !== AF_UNIX && kernel.call('socket', family, type, protocol) >= 0)
              made.add(`socket of family ${family}, type ${type}`);
      return [...made];
    },
  },
  {
    name: 'asks its channel for places on this machine and in private networks',
    layers: ['app'],
    code: async (targets, get) => {
      const net = get('node:net');
      const { tcpPort: port } = targets;
      const hosts = [
        '127.0.0.1',
        'localhost',
        '[::1]',
        '[::ffff:127.0.0.1]',
        '0.0.0.0',
        '127.1',
        '0177.0.0.1',
        '2130706433',
        '0x7f000001',
        'localhost.',
        'LOCALHOST',
        'tabbify.internal@127.0.0.1',
        '127.0.0.1#tabbify.internal',
        '169.254.169.254',
        'tabbify.internal',
      ];
      const heads = hosts.flatMap((host) => [
        `CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\nhello`,
        `CONNECT tabbify.internal:80 HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\nhello`,
        `GET http://${host}:${port}/ HTTP/1.1\r\nHost: tabbify.internal\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`,
      ]);
      const odd = [
        `CONNECT 127.0.0.1:${port}\r\n\r\nhello`,
        `CONNECT tabbify.internal:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nCONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n\r\nhello`,
        `\0\r\n`.repeat(1_000),
        `GET ${'a'.repeat(200_000)} HTTP/1.1\r\n\r\n`,
      ];
      const said: string[] = [];
      await Promise.all(
        [...heads, ...odd].map(
          (head) =>
            new Promise<void>((resolve) => {
              const socket = net.connect({ path: '/run/tabbify/channel.sock' });
              setTimeout(() => socket.destroy(), 1_500);
              socket.on('connect', () => socket.write(head));
              socket.on('data', (data) => {
                said.push(String(data).slice(0, 60));
                socket.destroy();
              });
              socket.on('error', () => resolve()).on('close', () => resolve());
            }),
        ),
      );
      return said;
    },
  },
  {
    name: 'puts something else where its channel is',
    layers: ['app'],
    crossed: whatItNames,
    code: (targets, get) => {
      const fs = get('node:fs');
      const channel = '/run/tabbify/channel.sock';
      const changed: string[] = [];
      const ways: [string, () => void][] = [
        ['removed', () => fs.rmSync(channel)],
        ['moved', () => fs.renameSync(channel, '/tmp/channel.sock')],
        ['replaced by a link', () => fs.symlinkSync(targets.sockets[0] ?? '/', channel)],
        ['opened to all', () => fs.chmodSync(channel, 0o666)],
        ['moved over', () => fs.renameSync('/tmp/other', channel)],
      ];
      for (const [what, way] of ways) {
        try {
          fs.writeFileSync('/tmp/other', '');
        } catch {}
        try {
          way();
          changed.push(what);
        } catch {}
      }
      return changed;
    },
  },
  {
    name: 'listens where the host, or others, could be led to it',
    layers: ['box'],
    hole: 'network',
    crossed: whatItNames,
    code: async (_targets, get) => {
      const net = get('node:net');
      const listening: string[] = [];
      for (const at of [{ port: 0, host: '127.0.0.1' }, { port: 0, host: '::' }, { path: '/run/mine.sock' }])
        await new Promise<void>((resolve) => {
          const server = net.createServer();
          server.on('error', () => resolve());
          server.listen(at, () => {
            listening.push(JSON.stringify(at));
            server.close(() => resolve());
          });
        });
      return listening;
    },
  },
];
