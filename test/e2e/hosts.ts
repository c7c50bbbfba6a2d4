import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { endProcess } from './belongings.ts';
import { type RunnerRecord, recordsIn, TestOffice } from './office.ts';
import { type Started, start } from './process.ts';

/** A supervisor in a process of its own, with a home of its own, as on another machine; the store is shared. */
export interface TestHost {
  readonly name: string;
  readonly home: string;
  open(): Promise<void>;
  /** `kill -9` of the supervisor; its runners live on. */
  kill(): Promise<void>;
  runners(): Promise<RunnerRecord[]>;
}

/** A node and as many hosts as there are names. `await using` ends everything it started. */
export class TestHosts implements AsyncDisposable {
  readonly office: TestOffice;
  readonly #running = new Map<string, Started>();
  readonly #hosts: TestHost[] = [];

  private constructor(office: TestOffice) {
    this.office = office;
  }

  static async open(names: readonly string[]): Promise<TestHosts> {
    const hosts = new TestHosts(await TestOffice.create('apart'));
    try {
      await hosts.office.openNode();
      await Promise.all(names.map((name) => hosts.#add(name)));
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      throw error;
    }
    return hosts;
  }

  host(name: string): TestHost {
    const host = this.#hosts.find((each) => each.name === name);
    if (host === undefined) throw new Error(`there is no host '${name}'`);
    return host;
  }

  async #add(name: string): Promise<void> {
    const { office } = this;
    const home = join(office.directory, name);
    await mkdir(home, { mode: 0o700 });
    await symlink(join(office.home, 'objects'), join(home, 'objects'));
    const host: TestHost = {
      name,
      home,
      open: async () => {
        const env = {
          ...office.env,
          TABBIFY_HOME: home,
          TABBIFY_SUPERVISOR_NAME: name,
          TABBIFY_NODE_KEY: await office.ownerKey(),
        };
        const started = start('bin/tabbify.mjs', ['supervisor'], env);
        this.#running.set(name, started);
        await started.printed(/http:\/\/127\.0\.0\.1:\d+/);
      },
      kill: async () => void (await this.#running.get(name)?.end('SIGKILL')),
      runners: () => recordsIn(home),
    };
    this.#hosts.push(host);
    await host.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((started) => started.end('SIGKILL')));
    const runners = await Promise.all(this.#hosts.map((host) => host.runners()));
    for (const { pid } of runners.flat()) endProcess(pid);
    await this.office[Symbol.asyncDispose]();
  }
}
