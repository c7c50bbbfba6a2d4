import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../../src/kit/index.ts';
import { belongs, endAllOf } from '../../e2e/belongings.ts';
import { ROOT } from '../../e2e/process.ts';
import { expectKept } from '../drill.ts';

/** A checkout that lies where a person's would, and can be exchanged for a build with another protocol number. */
export interface Checkout extends AsyncDisposable {
  readonly root: string;
  /** Puts a build with this control protocol at `root`; what lay there must be gone. */
  place(protocol: number): Promise<void>;
  /** Removes the code and `node_modules`, as the first half of an upgrade does. */
  remove(): Promise<void>;
}

/** What an office needs of a clone, `node_modules` apart. */
const PARTS = ['bin', 'bootstrap', 'src', 'sdk', 'examples', 'package.json', 'package-lock.json'];
const NUMBER = /(export const CONTROL_PROTOCOL = )(\d+);/;
const PROTOCOL_FILE = 'src/runner/protocol.ts';

/** The control protocol of the checkout under test. */
export async function ownProtocol(): Promise<number> {
  const [, , number] = NUMBER.exec(await readFile(join(ROOT, PROTOCOL_FILE), 'utf8')) ?? [];
  expectKept(number !== undefined, `no CONTROL_PROTOCOL in ${PROTOCOL_FILE}`);
  return Number(number);
}

/** A folder for checkouts, with none in it yet. */
export async function createCheckout(): Promise<Checkout> {
  const directory = await mkdtemp(join(tmpdir(), 'tabbify-upgrade-'));
  const root = join(directory, 'tabbify');
  const end = () => endAllOf(directory);
  const hasEnded = belongs({ home: null, folder: directory, end });
  const remove = () => rm(root, { recursive: true, force: true, maxRetries: 3 });
  return {
    root,
    remove,
    async place(protocol) {
      const made = join(directory, `build-${protocol}`);
      await mkdir(made);
      for (const part of PARTS) await cp(join(ROOT, part), join(made, part), { recursive: true });
      await copyPackages(join(made, 'node_modules'));
      const file = join(made, PROTOCOL_FILE);
      const source = await readFile(file, 'utf8');
      await writeFile(file, source.replace(NUMBER, `$1${protocol};`));
      await rename(made, root);
    },
    async [Symbol.asyncDispose]() {
      await end();
      hasEnded();
    },
  };
}

/** Hard links where the temporary directory lies on the same file system, else copies; never the caches in there. */
async function copyPackages(target: string): Promise<void> {
  const options = { env: { PATH: process.env.PATH ?? '' }, timeoutMs: 120_000 };
  const from = join(ROOT, 'node_modules');
  const linked = await runChild('cp', ['-al', from, target], options);
  if (linked.code !== 0) {
    await rm(target, { recursive: true, force: true });
    const copied = await runChild('cp', ['-a', from, target], options);
    expectKept(copied.code === 0, `node_modules cannot be copied: ${copied.stderr}`);
  }
  await rm(join(target, '.cache'), { recursive: true, force: true });
}
