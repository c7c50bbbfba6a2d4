import { createHash } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DATA_PROGRAM } from '../data/index.ts';
import { type Logger, messageOf, writeFileAtomic } from '../kit/index.ts';
import { GUEST_PROGRAMS } from '../runtimes/index.ts';
import { runnerError } from './errors.ts';
import { placeNode } from './place-node.ts';

export interface BundleOptions {
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly logger?: Logger;
  /** Module that the program is made of; default: the platform's own (`main.ts`). */
  readonly entry?: string;
}

/** What runners are started from; it stays as long as the home does, whatever becomes of the checkout. */
export interface RunnerBundle {
  /** SHA-256 over the programs and the node they run on, lower-case hex. */
  readonly digest: string;
  readonly nodePath: string;
  /** The runner; the other programs lie beside it. */
  readonly mainPath: string;
  /** Where node keeps compiled code between starts (`NODE_COMPILE_CACHE`). */
  readonly cachePath: string;
}

const OWN_ENTRY = fileURLToPath(import.meta.url).replace(/bundle\.(ts|js)$/, 'main.$1');

const MAIN = 'runner.mjs';
/** Whoever is in a sandbox is another user, and reads the program there; the home is closed to all others. */
const READABLE = 0o644;

/** File name and main module of every program that is laid down. */
function programsOf(entry: string): readonly (readonly [name: string, entry: string])[] {
  const others = [...Object.values(GUEST_PROGRAMS), DATA_PROGRAM];
  return [[MAIN, entry], ...others.map(({ name, entry }) => [name, entry] as const)];
}

/** What the last bundle was made of; while this holds nothing is built. */
interface BundleIndex {
  readonly digest: string;
  readonly entry: string;
  readonly node: string;
  /** SHA-256 of each program, by file name. */
  readonly programs: Readonly<Record<string, string>>;
  /** SHA-256 of each source file, by absolute path. */
  readonly inputs: Readonly<Record<string, string>>;
}

/**
 * Lays down the runner's program as one file beside its own copy (a hard link where possible) of the node binary and the programs
 * that a sandbox runs and the one that serves data: `TABBIFY_HOME/runtime/<digest>/{runner.mjs,guest.mjs,guest-component.mjs,data.mjs,node}` (CONTRACTS §8). When the sources are those of the last time,
 * they are read and hashed and that is all.
 *
 * @throws TabbifyError `bundle_failed`
 */
export async function bundleRunner({
  home,
  logger,
  entry = OWN_ENTRY,
}: BundleOptions): Promise<RunnerBundle> {
  const runtime = join(home, 'runtime');
  const indexPath = join(runtime, 'current.json');
  const node = `${process.version} ${process.platform} ${process.arch}`;
  try {
    const known = await readIndex(indexPath);
    if (known !== null && known.entry === entry && known.node === node && (await isUnchanged(known.inputs))) {
      const bundle = bundleAt(runtime, known.digest);
      if (await isComplete(runtime, known)) {
        await placeNode(process.execPath, bundle.nodePath);
        return bundle;
      }
    }
    const startedAt = performance.now();
    const { codes, inputs } = await buildPrograms(entry);
    const programs = Object.fromEntries([...codes].map(([name, code]) => [name, sha256(code)]));
    const digest = digestOfAll(node, programs);
    const bundle = bundleAt(runtime, digest);
    await placeNode(process.execPath, bundle.nodePath);
    for (const [name, code] of codes) {
      const path = join(runtime, digest, name);
      await writeFileAtomic(path, code);
      await chmod(path, READABLE); // also under a umask that says otherwise
    }
    const index: BundleIndex = { digest, entry, node, programs, inputs };
    await writeFileAtomic(indexPath, JSON.stringify(index));
    logger?.info({ digest, ms: Math.round(performance.now() - startedAt) }, 'runner bundled');
    return bundle;
  } catch (error) {
    throw runnerError('bundle_failed', {
      what: 'The program that serves apps could not be laid down',
      why: messageOf(error),
      hint: `Check that ${runtime} can be written and the disk is not full`,
      cause: error,
    });
  }
}

function bundleAt(runtime: string, digest: string): RunnerBundle {
  const directory = join(runtime, digest);
  return {
    digest,
    nodePath: join(directory, 'node'),
    mainPath: join(directory, MAIN),
    cachePath: join(directory, 'cache'),
  };
}

async function buildPrograms(entry: string): Promise<{
  readonly codes: ReadonlyMap<string, Uint8Array>;
  readonly inputs: Readonly<Record<string, string>>;
}> {
  const { build } = await import('./build-program.ts');
  const codes = new Map<string, Uint8Array>();
  const inputs: Record<string, string> = {};
  const programs = await build(programsOf(entry));
  for (const { name, code, inputs: paths } of programs) {
    codes.set(name, code);
    for (const path of paths) inputs[path] ??= sha256(await readFile(path));
  }
  return { codes, inputs };
}

async function readIndex(path: string): Promise<BundleIndex | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as BundleIndex;
  } catch {
    return null; // absent or damaged: it is made anew
  }
}

async function isUnchanged(inputs: Readonly<Record<string, string>>): Promise<boolean> {
  const checks = Object.entries(inputs).map(async ([path, digest]) => (await digestOf(path)) === digest);
  return (await Promise.all(checks)).every(Boolean);
}

/** Programs must be whole: their digests tell. */
async function isComplete(runtime: string, { digest, programs = {} }: BundleIndex): Promise<boolean> {
  const checks = Object.entries(programs).map(
    async ([name, wanted]) => (await digestOf(join(runtime, digest, name))) === wanted,
  );
  return checks.length > 0 && (await Promise.all(checks)).every(Boolean);
}

function digestOfAll(node: string, programs: Readonly<Record<string, string>>): string {
  return sha256(JSON.stringify([node, programs]));
}

async function digestOf(path: string): Promise<string | null> {
  try {
    return sha256(await readFile(path));
  } catch {
    return null;
  }
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
