import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leavePrepared, lendPrepared } from '../../src/builder/testing/index.ts';
import { lendPrograms } from '../../src/runner/testing/index.ts';
import { belongs, endAllOf, endProcess } from './belongings.ts';
import { ROOT, run, type Started, start } from './process.ts';

/** `up`: one process; `apart`: node, gateway and supervisor each alone, as on several machines. */
export type Arrangement = 'up' | 'apart';

/** A runner's record, as far as the tests look into it. */
export interface RunnerRecord {
  readonly app: string;
  readonly pid: number;
  readonly version: number;
  /** Base URL. */
  readonly endpoint: string;
  readonly runner_key: string;
}

const READY = /http:\/\/127\.0\.0\.1:\d+/;

/** An office with a home of its own, driven the way a person drives it. `await using` ends everything it started; the end of its test does as well. */
export class TestOffice implements AsyncDisposable {
  readonly arrangement: Arrangement;
  /** Stands in for the person's home directory. */
  readonly directory: string;
  readonly home: string;
  url = '';
  processes: Started[] = [];
  extraEnv: Record<string, string> = {};
  readonly #hasEnded: () => void;
  #isOver = false;

  private constructor(arrangement: Arrangement, directory: string) {
    this.arrangement = arrangement;
    this.directory = directory;
    this.home = join(directory, '.tabbify');
    this.#hasEnded = belongs({
      home: directory,
      folder: directory,
      end: () => {
        this.#isOver = true;
        return endAllOf(directory);
      },
    });
  }

  static async create(arrangement: Arrangement): Promise<TestOffice> {
    const office = await TestOffice.createBare(arrangement);
    await Promise.all([lendPrepared(office.home), lendPrograms(office.home)]);
    return office;
  }

  /** One that is the first on its machine: it readies all that it needs itself, which takes a quarter of a minute. */
  static async createBare(arrangement: Arrangement): Promise<TestOffice> {
    return new TestOffice(arrangement, await mkdtemp(join(tmpdir(), 'tabbify-e2e-')));
  }

  /** What the person's shell would have: an empty HOME and ports of the system's choosing. @throws when the office was ended with its test */
  get env(): Record<string, string> {
    if (this.#isOver) throw new Error('this office has ended with the test that it was for');
    return {
      PATH: process.env.PATH ?? '',
      HOME: this.directory,
      // a machine behind a company's proxy has it in every shell; npm needs it to install an app's packages
      ...(process.env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS } : {}),
      TABBIFY_NODE_BIND: '127.0.0.1:0',
      TABBIFY_GATEWAY_BIND: '127.0.0.1:0',
      TABBIFY_SUPERVISOR_BIND: '127.0.0.1:0',
      TABBIFY_SUPERVISOR_NAME: 'local',
      ...(this.arrangement === 'apart' && this.url !== '' ? { TABBIFY_NODE_URL: this.url } : {}),
      ...this.extraEnv,
    };
  }

  /** Opens the office and waits until it says where it is. */
  async open(): Promise<void> {
    if (this.arrangement === 'up') {
      const office = start('bootstrap/start.mjs', [], {
        ...this.env,
        NODE_OPTIONS: `--import=${join(ROOT, 'test/e2e/loop-watch.mjs')}`,
        LOOP_WATCH_FILE: this.loopFile,
        LOOP_WATCH_FROM: join(this.home, 'office.json'),
        LOOP_WATCH_MS: '20',
      });
      this.processes = [office];
      this.url = (await office.printed(/node\s+(http:\/\/127\.0\.0\.1:\d+)/))[1] ?? '';
      await office.printed(/tcli push/);
      return;
    }
    await this.openNode();
    for (const part of ['gateway', 'supervisor']) {
      const started = start('bin/tabbify.mjs', [part], this.env);
      this.processes.push(started);
      await started.printed(READY);
    }
  }

  /** Opens what `killNode` ended, at the address where the others look for it. */
  async reopenNode(): Promise<void> {
    if (this.arrangement === 'up') await this.open();
    else await this.openNode();
  }

  /** `kill -9` of the process that is the node: of everything but the runners in `up`, of the node alone in `apart`. */
  async killNode(): Promise<void> {
    await this.processes.shift()?.end('SIGKILL');
  }

  /** Each time the office's event loop was held for more than 20 ms of processor time. */
  async holds(): Promise<string[]> {
    const text = await readFile(this.loopFile, 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  /** `kill -9` of everything but the runners. */
  async kill(): Promise<void> {
    const pids = this.arrangement === 'up' ? [(await this.officePid()) ?? 0] : [];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    for (const started of this.processes.splice(0).reverse()) await started.end('SIGKILL');
  }

  /** What the person deploys he says yes to, as to what he pushes. */
  tabbify(...args: string[]) {
    const asks = args[0] === 'deploy' || args[0] === 'rollback';
    return run('bin/tabbify.mjs', asks ? withYes(args) : args, this.env);
  }

  tcli(...args: string[]) {
    return run('bin/tcli.mjs', args[0] === 'push' ? withYes(args) : args, this.env);
  }

  /** A call to the API with the owner's credential. */
  async api(path: string, init: RequestInit = {}): Promise<Response> {
    const key = await this.ownerKey();
    return fetch(`${this.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, ...init.headers },
    });
  }

  async ownerKey(): Promise<string> {
    return (await readFile(join(this.home, 'node.key'), 'utf8')).trim();
  }

  runners(): Promise<RunnerRecord[]> {
    return recordsIn(this.home);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of this.processes.splice(0).reverse()) await started.end('SIGTERM');
    for (const { pid } of await this.runners()) endProcess(pid);
    await leavePrepared(this.home);
    await endAllOf(this.directory); // a box that was being built when its office was killed is left
    this.#hasEnded();
  }

  /** The node alone, of an office that is `apart`. */
  async openNode(): Promise<void> {
    const { TABBIFY_NODE_URL: url, ...env } = this.env;
    const bind = url === undefined ? {} : { TABBIFY_NODE_BIND: new URL(url).host };
    const node = start('bin/tabbify.mjs', ['node'], { ...env, ...bind });
    this.processes.unshift(node);
    this.url = (await node.printed(READY))[0];
  }

  private get loopFile(): string {
    return join(this.directory, 'holds');
  }

  private async officePid(): Promise<number | null> {
    const text = await readFile(join(this.home, 'office.json'), 'utf8').catch(() => 'null');
    return (JSON.parse(text) as { pid: number } | null)?.pid ?? null;
  }
}

function withYes(args: readonly string[]): string[] {
  return args.includes('--approve') ? [...args] : [...args, '--approve'];
}

/** Records of the runners of a home. */
export async function recordsIn(home: string): Promise<RunnerRecord[]> {
  const directory = join(home, 'runners');
  const names = await readdir(directory).catch(() => []);
  const records = names.filter((name) => name.endsWith('.json'));
  // one that ends meanwhile takes its record with it
  const texts = await Promise.all(
    records.map((name) => readFile(join(directory, name), 'utf8').catch(() => null)),
  );
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as RunnerRecord]));
}

/** Is there a process with this pid that is not a zombie? */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}
