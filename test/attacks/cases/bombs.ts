import { probeBoxes } from '../../../src/sandbox/index.ts';
import type { AttackCode, Targets } from '../attack.ts';
import { BOUNDS, type NativeBox } from '../inside/box.ts';
import type { Drama, Scene } from '../scene.ts';

/** MiB that the attacked app has. */
const MEMORY_MB = 128;
const MIB = 1 << 20;

interface Bomb {
  readonly name: string;
  readonly isPlayedOnce?: boolean;
  readonly code: AttackCode;
  /** Milliseconds after which it is enough. */
  readonly forMs: number;
  /** What of the report shows that a bound did not hold. */
  readonly crossed?: (said: unknown) => readonly string[];
}

const BOMBS: readonly Bomb[] = [
  {
    name: 'fills the heap of JavaScript',
    forMs: 15_000,
    code: () => {
      const held: unknown[] = [];
      for (;;) held.push(new Array(100_000).fill(held.length));
    },
  },
  {
    name: 'fills memory outside the heap, and touches it',
    forMs: 15_000,
    crossed: (said) => [`it has ${(said as { mib: number }).mib} MiB`],
    code: async () => {
      const held: Buffer[] = [];
      while (held.length < 128) {
        held.push(Buffer.alloc(16 << 20, 1));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { mib: held.length * 16 };
    },
  },
  {
    name: 'fills /tmp',
    forMs: 15_000,
    crossed: (said) => {
      const { bytes } = said as { bytes: number };
      return bytes > 64 * MIB ? [`it wrote ${bytes} bytes`] : [];
    },
    code: (_targets, get) => {
      const fs = get('node:fs');
      const block = Buffer.alloc(1 << 20, 1);
      let bytes = 0;
      const file = fs.openSync('/tmp/full', 'w');
      try {
        while (bytes < 512 << 20) bytes += fs.writeSync(file, block);
      } catch {}
      for (let index = 0; index < 20_000; index += 1) {
        try {
          fs.mkdirSync(`/tmp/${index}`);
        } catch {
          break;
        }
      }
      return { bytes };
    },
  },
  {
    name: 'opens descriptors without end',
    forMs: 10_000,
    crossed: (said) => {
      const { opened } = said as { opened: number };
      return opened > 8_192 ? [`it has ${opened} descriptors`] : [];
    },
    code: (_targets, get) => {
      const fs = get('node:fs');
      const held: number[] = [];
      try {
        while (held.length < 100_000) held.push(fs.openSync('/dev/null', 'r'));
      } catch {}
      for (const fd of held) fs.closeSync(fd);
      return { opened: held.length };
    },
  },
  {
    name: 'sets timers without end',
    isPlayedOnce: true,
    forMs: 600,
    code: () => {
      for (let count = 0; count < 200_000; count += 1) setInterval(() => {}, 1);
      return new Promise(() => {});
    },
  },
  {
    name: 'floods the queue of immediate work',
    isPlayedOnce: true,
    forMs: 600,
    code: () => {
      const again = () => void setImmediate(again);
      for (let count = 0; count < 1_000; count += 1) again();
      return new Promise(() => {});
    },
  },
  {
    name: 'prints without end',
    forMs: 800,
    code: () => {
      const again = () => {
        for (let count = 0; count < 50; count += 1) console.log('x'.repeat(10_000));
        setImmediate(again);
      };
      again();
      return new Promise(() => {});
    },
  },
  {
    name: 'prints one line without end',
    isPlayedOnce: true,
    forMs: 600,
    code: () => {
      const again = () => void process.stdout.write('x'.repeat(1_000_000), () => again());
      again();
      return new Promise(() => {});
    },
  },
  {
    name: 'asks its channel for thousands of connections at once',
    forMs: 800,
    code: async (_targets, get) => {
      const net = get('node:net');
      for (let count = 0; count < 3_000; count += 1)
        net
          .connect({ path: '/run/tabbify/channel.sock' })
          .on('error', () => {})
          .write('CONNECT tabbify.internal:80 HTTP/1.1\r\nHost: a\r\n');
      return new Promise(() => {});
    },
  },
];

/** What wants all there is: the app may be ended for it; the neighbour answers as always, and nothing is left. */
export const bombs: readonly Drama[] = [
  ...BOMBS.map(({ name, isPlayedOnce = false, code, forMs, crossed }) => ({
    ...{ name, isPlayedOnce },
    play: (scene: Scene) => throwBomb(scene, code, forMs, crossed),
  })),
  { name: 'starts threads without end, natively', play: startThreads },
  { name: 'takes memory without end, natively', play: takeMemory },
];

async function startThreads(scene: Scene): Promise<string[]> {
  const { openBox, world, whileVisited } = scene;
  await using inside = await openBox();
  if (inside.box.limits.tasks !== 'enforced') return await startSomeThreads(scene, inside);
  const code: AttackCode = async (_targets, get) => {
    const { Worker } = get('node:worker_threads');
    let online = 0;
    for (let count = 0; count < 100; count += 1) {
      try {
        const worker = new Worker('setInterval(() => {}, 1e6)', { eval: true });
        worker
          .on('error', () => {})
          .on('online', () => {
            online += 1;
          });
      } catch {}
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    return { online };
  };
  let report: string | null = null;
  const slow = await whileVisited(async () => {
    report = await inside.attack(code.toString(), world.targets(), 10_000);
  });
  const online = report === null ? 0 : (JSON.parse(report) as { said?: { online: number } }).said?.online;
  return (online ?? 0) > BOUNDS.tasks ? [...slow, `it has ${online} threads`] : slow;
}

/**
 * Where their number is bounded by nothing, the machine says so, why and what helps; no more are tried than it bears, and a thread
 * is behind the same walls.
 */
async function startSomeThreads({ world, whileVisited }: Scene, inside: NativeBox): Promise<string[]> {
  const report = await probeBoxes({ home: world.home });
  const told = report.possible && report.limits.tasks === 'unsupported' && report.lack !== null;
  const untold = told
    ? []
    : [`threads are bounded by nothing, and the machine says ${JSON.stringify(report)}`];
  const code: AttackCode = async (targets, get) => {
    const { Worker } = get('node:worker_threads');
    const inThread = (targets: Targets, get: typeof process.getBuiltinModule) => {
      const said: string[] = [];
      for (const path of targets.secretFiles) {
        try {
          said.push(get('node:fs').readFileSync(path, 'utf8'));
        } catch {}
      }
      for (const pid of targets.victims) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {}
      }
      for (const at of [{ port: targets.tcpPort }, ...targets.sockets.map((path) => ({ path }))])
        get('node:net')
          .connect(at)
          .on('error', () => {});
      return said;
    };
    const text = `require('node:worker_threads').parentPort.postMessage((${inThread})(${JSON.stringify(targets)}, process.getBuiltinModule.bind(process)));`;
    const said: unknown[] = [];
    for (let count = 0; count < 4; count += 1) {
      const worker = new Worker(text, { eval: true });
      await new Promise((resolve) => {
        worker.on('message', (message) => said.push(message)).on('error', resolve);
        worker.on('exit', resolve);
      });
    }
    return { threads: said.length, said };
  };
  const allAtOnce: AttackCode = (_targets, get) => {
    const { Worker } = get('node:worker_threads');
    for (let count = 0; count < 40; count += 1)
      new Worker('setInterval(() => {}, 1e6)', { eval: true }).on('error', () => {});
    return new Promise(() => {});
  };
  let said: string | null = null;
  const slow = await whileVisited(async () => {
    said = await inside.attack(code.toString(), world.targets(), 10_000);
    await inside.attack(allAtOnce.toString(), world.targets(), 500); // it may well end by it
  });
  const threads = said === null ? 0 : (JSON.parse(said) as { said?: { threads: number } }).said?.threads;
  const untried = threads === 4 ? [] : [`${threads} of 4 threads have run`];
  return [...untold, ...untried, ...(await world.look(said ?? '')), ...slow];
}

async function takeMemory({ openBox, world, whileVisited }: Scene): Promise<string[]> {
  await using inside = await openBox();
  const code: AttackCode = async () => {
    const held: Buffer[] = [];
    while (held.length < 160) {
      held.push(Buffer.alloc(16 << 20, 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { mib: held.length * 16 };
  };
  let report: string | null = null;
  const slow = await whileVisited(async () => {
    report = await inside.attack(code.toString(), world.targets(), 20_000);
  });
  const said = report === null ? undefined : (JSON.parse(report) as { said?: { mib: number } }).said;
  if (said !== undefined) return [...slow, `it has ${said.mib} MiB, bounded to ${BOUNDS.memoryBytes / MIB}`];
  if (inside.box.limits.memory !== 'enforced') return slow;
  const { cause } = await inside.box.ended;
  return cause === 'memory' ? slow : [...slow, `it ended by ${cause}, not at its bound of memory`];
}

async function throwBomb(
  { runners, world, whileVisited }: Scene,
  code: AttackCode,
  forMs: number,
  crossed: Bomb['crossed'],
): Promise<string[]> {
  await using app = await runners.start('attacker.mjs', { memoryMb: MEMORY_MB });
  let report: string | null = null;
  const slow = await whileVisited(async () => {
    report = await app.attack(code.toString(), world.targets(), forMs);
  });
  const said = report === null ? undefined : (JSON.parse(report) as { said?: unknown }).said;
  const past = said === undefined ? [] : (crossed?.(said) ?? []);
  const logBytes = (await app.log()).length;
  const log = logBytes > 40 * MIB ? [`its log has ${logBytes} bytes`] : [];
  return [...slow, ...past, ...log];
}
