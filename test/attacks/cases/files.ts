import { type Attack, whatItNames } from '../attack.ts';

/** Files of the host: what the app could read is in its report, and no secret may be. */
export const fileAttacks: readonly Attack[] = [
  {
    name: 'reads files of the host by their paths',
    layers: ['app', 'box'],
    hole: 'files',
    code: (targets, get) => {
      const fs = get('node:fs');
      return targets.secretFiles.map((path) => {
        try {
          return fs.readFileSync(path, 'utf8');
        } catch (error) {
          return String(error);
        }
      });
    },
  },
  {
    name: 'reads them by file URLs, streams, descriptors and blobs',
    layers: ['app', 'box'],
    hole: 'files',
    code: async (targets, get) => {
      const fs = get('node:fs');
      const { pathToFileURL } = get('node:url');
      const read: string[] = [];
      for (const path of targets.secretFiles) {
        const ways = [
          () => fs.readFileSync(pathToFileURL(path), 'utf8'),
          () => fs.promises.readFile(path, 'utf8'),
          async () => (await fs.openAsBlob(path)).text(),
          async () => (await fetch(pathToFileURL(path))).text(),
          () =>
            new Promise<string>((resolve) =>
              fs
                .createReadStream(path)
                .on('data', (data) => resolve(String(data)))
                .on('error', () => resolve('')),
            ),
          () => {
            const fd = fs.openSync(path, 'r');
            const bytes = Buffer.alloc(200);
            fs.readSync(fd, bytes);
            return bytes.toString();
          },
        ];
        for (const way of ways) {
          try {
            read.push(await way());
          } catch {}
        }
      }
      return read;
    },
  },
  {
    name: 'goes up from where it stands',
    layers: ['app', 'box'],
    hole: 'files',
    code: (targets, get) => {
      const fs = get('node:fs');
      const read: string[] = [];
      for (const start of ['', '/app/', '/tmp/', '/app/../tmp/./'])
        for (const path of targets.secretFiles)
          for (const up of ['../'.repeat(12), '..//./'.repeat(12)]) {
            try {
              read.push(fs.readFileSync(start + up + path.slice(1), 'utf8'));
            } catch {}
          }
      return read;
    },
  },
  {
    name: 'goes through the roots, working directories and descriptors of processes',
    layers: ['app', 'box'],
    hole: 'files',
    code: (targets, get) => {
      const fs = get('node:fs');
      const read: string[] = [];
      const own = ['self', 'thread-self', '1', String(process.pid), String(process.ppid)];
      for (const pid of [...own, ...targets.victims.map(String)])
        for (const way of ['root', 'cwd', 'cwd/../../../../..', 'fd/0/../../../../..'])
          for (const path of targets.secretFiles) {
            try {
              read.push(fs.readFileSync(`/proc/${pid}/${way}${path}`, 'utf8'));
            } catch {}
          }
      return read;
    },
  },
  {
    name: 'goes through symbolic and hard links that it makes',
    layers: ['app', 'box'],
    hole: 'files',
    code: (targets, get) => {
      const fs = get('node:fs');
      const folder = fs.mkdtempSync('/tmp/links-');
      const read: string[] = [];
      for (const [index, path] of targets.secretFiles.entries())
        for (const link of ['symlink', 'hard link', 'folder', 'copy']) {
          const at = `${folder}/${link}-${index}`;
          try {
            if (link === 'symlink') fs.symlinkSync(path, at);
            if (link === 'hard link') fs.linkSync(path, at);
            if (link === 'copy') fs.copyFileSync(path, at);
            if (link === 'folder') fs.symlinkSync('/', at);
            read.push(fs.readFileSync(link === 'folder' ? `${at}${path}` : at, 'utf8'));
          } catch {}
        }
      fs.rmSync(folder, { recursive: true, force: true });
      return read;
    },
  },
  {
    name: 'has Node load them: import, require, JSON, environment files, SQLite, compile cache',
    layers: ['app', 'box'],
    hole: 'files',
    code: async (targets, get) => {
      const said: string[] = [];
      const attempt = async (way: () => unknown) => {
        try {
          said.push(JSON.stringify(await way()));
        } catch (error) {
          said.push(String((error as Error)?.stack ?? error)); // messages of parsers quote what they read
        }
      };
      const { createRequire } = get('node:module');
      for (const path of targets.secretFiles) {
        await attempt(() => import(path));
        await attempt(() => import(path, { with: { type: 'json' } }));
        await attempt(() => createRequire('/')(path));
        await attempt(() => createRequire('/').extensions['.json']?.({ exports: {} } as never, path));
        await attempt(() => {
          process.loadEnvFile(path);
          return process.env;
        });
        await attempt(() => {
          const { DatabaseSync } = get('node:sqlite');
          const database = new DatabaseSync(':memory:');
          database.exec(`ATTACH '${path}' AS other`);
          return database.prepare('SELECT * FROM other.sqlite_schema').all();
        });
      }
      return said;
    },
  },
  {
    name: 'lists folders of the host',
    layers: ['app', 'box'],
    hole: 'files',
    code: async (targets, get) => {
      const fs = get('node:fs');
      const seen: string[] = [];
      for (const folder of targets.folders) {
        try {
          seen.push(...fs.readdirSync(folder));
        } catch {}
        try {
          for await (const path of fs.promises.glob(`${folder}/*`)) seen.push(path);
        } catch {}
      }
      return seen;
    },
  },
  {
    name: 'reads every small file that there is',
    layers: ['app', 'box'],
    hole: 'files',
    code: (targets, get) => {
      const fs = get('node:fs');
      const read: string[] = [];
      let left = 4_000_000;
      const walk = (folder: string, depth: number) => {
        let names: string[] = [];
        try {
          names = fs.readdirSync(folder);
        } catch {}
        for (const name of names) {
          const path = `${folder === '/' ? '' : folder}/${name}`;
          try {
            const stat = fs.lstatSync(path);
            if (stat.isDirectory() && depth < 6) walk(path, depth + 1);
            if (!stat.isFile() || stat.size > 64_000 || left < 0) continue;
            const text = fs.readFileSync(path, 'latin1');
            left -= text.length;
            read.push(text);
          } catch {}
        }
      };
      // Of a host whose files are all there, only where something is: the rest would take for ever.
      const isHost = fs.existsSync('/root') || fs.existsSync('/home');
      for (const start of isHost ? targets.folders : ['/']) walk(start, 0);
      return read.join('\n');
    },
  },
  {
    name: 'changes, moves, cuts and removes files of the host',
    layers: ['app', 'box'],
    hole: 'files',
    code: (targets, get) => {
      const fs = get('node:fs');
      for (const path of targets.victimFiles) {
        const ways = [
          () => fs.appendFileSync(path, 'x'),
          () => fs.writeFileSync(path, 'x'),
          () => fs.truncateSync(path),
          () => fs.chmodSync(path, 0o777),
          () => fs.renameSync('/tmp/mine', path),
          () => fs.symlinkSync('/tmp', path),
          () => fs.rmSync(path),
          () => new (get('node:sqlite').DatabaseSync)(path).exec('CREATE TABLE a (b)'),
        ];
        try {
          fs.writeFileSync('/tmp/mine', 'x');
        } catch {}
        for (const way of ways) {
          try {
            way();
          } catch {}
        }
      }
    },
  },
  {
    name: 'writes anywhere but into its own memory, /tmp and /run/secrets',
    layers: ['app', 'box'],
    crossed: whatItNames,
    code: (_targets, get) => {
      const fs = get('node:fs');
      const written: string[] = [];
      const visit = (folder: string, depth: number) => {
        const at = `${folder === '/' ? '' : folder}/attack-${process.pid}`;
        const ways: [string, () => void][] = [
          ['file', () => fs.writeFileSync(at, 'x')],
          ['folder', () => fs.mkdirSync(at)],
          ['link', () => fs.symlinkSync('/', at)],
        ];
        for (const [what, way] of ways) {
          try {
            way();
            written.push(`${what} in ${folder}`);
            fs.rmSync(at, { recursive: true });
          } catch {}
        }
        if (depth === 4) return;
        let names: string[] = [];
        try {
          names = fs.readdirSync(folder);
        } catch {}
        for (const name of names) {
          const path = `${folder === '/' ? '' : folder}/${name}`;
          if (path === '/tmp' || path === '/run/secrets') continue; // each of a fixed size
          try {
            if (fs.lstatSync(path).isDirectory()) visit(path, depth + 1);
            else if (!path.startsWith('/dev/')) {
              fs.closeSync(fs.openSync(path, 'r+'));
              written.push(`${path} open for writing`);
            }
          } catch {}
        }
      };
      for (const start of [
        '/',
        '/app',
        '/bin',
        '/lib',
        '/lib64',
        '/usr',
        '/run',
        '/run/tabbify',
        '/dev',
        '/proc',
        '/sys',
      ])
        visit(start, start === '/' ? 0 : 2);
      return written;
    },
  },
  {
    name: 'has Node write outside: reports, heap snapshots, compile cache, databases',
    layers: ['app'],
    crossed: whatItNames,
    code: (_targets, get) => {
      const written: string[] = [];
      const fs = get('node:fs');
      const ways: [string, () => unknown][] = [
        ['report', () => process.report.writeReport('/app/report.json')],
        ['heap snapshot', () => get('node:v8').writeHeapSnapshot('/app/heap')],
        ['database', () => new (get('node:sqlite').DatabaseSync)('/app/base').exec('CREATE TABLE a (b)')],
        [
          'copy of a database',
          () => new (get('node:sqlite').DatabaseSync)(':memory:').exec("VACUUM INTO '/app/copy'"),
        ],
      ];
      for (const [what, way] of ways) {
        try {
          way();
        } catch {}
        for (const path of ['report.json', 'heap', 'base', 'copy'])
          if (fs.existsSync(`/app/${path}`)) written.push(`${what}: ${path}`);
      }
      return written;
    },
  },
  {
    name: 'finds a file or folder of the host open',
    layers: ['box'],
    crossed: whatItNames,
    code: (_targets, get, kernel) => {
      const fs = get('node:fs');
      const open: string[] = [];
      for (let fd = 0; fd < 1024; fd += 1) {
        try {
          const stat = fs.fstatSync(fd);
          if (stat.isDirectory()) {
            const up = kernel.call('openat', fd, Buffer.from('../../../../..\0'), 0o200000, 0);
            open.push(`folder at descriptor ${fd}${up >= 0 ? ', and what is above it' : ''}`);
          } else if (stat.isFile()) {
            open.push(`file at descriptor ${fd}, ${stat.size} bytes`);
          } else if (stat.isBlockDevice()) open.push(`device at descriptor ${fd}`);
        } catch {}
      }
      return open;
    },
  },
  {
    name: 'opens files by handles that need no path',
    layers: ['box'],
    crossed: whatItNames,
    code: (_targets, _get, kernel) => {
      const opened: string[] = [];
      const AT_FDCWD = -100;
      for (let inode = 1; inode <= 64; inode += 1) {
        const handle = Buffer.alloc(16);
        handle.writeUInt32LE(8, 0); // handle_bytes
        handle.writeUInt32LE(1, 4); // FILEID_INO32_GEN
        handle.writeUInt32LE(inode, 8);
        if (kernel.call('open_by_handle_at', AT_FDCWD, handle, 0) >= 0) opened.push(`inode ${inode}`);
      }
      return opened;
    },
  },
];
