import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, messageOf, writeFileAtomic } from '../kit/index.ts';
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
  /** SHA-256 over the program and the node it runs on, lower-case hex. */
  readonly digest: string;
  readonly nodePath: string;
  readonly mainPath: string;
  /** Where node keeps compiled code between starts (`NODE_COMPILE_CACHE`). */
  readonly cachePath: string;
}

const OWN_ENTRY = fileURLToPath(import.meta.url).replace(/bundle\.(ts|js)$/, 'main.$1');

/** What the last bundle was made of; while this holds nothing is built. */
interface BundleIndex {
  readonly digest: string;
  readonly entry: string;
  readonly node: string;
  /** SHA-256 of each source file, by absolute path. */
  readonly inputs: Readonly<Record<string, string>>;
}

/**
 * Lays down the runner's program as one file beside its own copy (a hard link where possible) of the node binary:
 * `TABBIFY_HOME/runtime/<digest>/{runner.mjs,node}` (CONTRACTS §8). When the sources are those of the last time,
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
      if (await isComplete(bundle)) {
        await placeNode(process.execPath, bundle.nodePath);
        return bundle;
      }
    }
    const startedAt = performance.now();
    const { code, inputs } = await buildProgram(entry);
    const digest = sha256(`${node}\n${sha256(code)}`);
    const bundle = bundleAt(runtime, digest);
    await placeNode(process.execPath, bundle.nodePath);
    await writeFileAtomic(bundle.mainPath, code);
    const index: BundleIndex = { digest, entry, node, inputs };
    await writeFileAtomic(indexPath, JSON.stringify(index));
    logger?.info(
      { digest, bytes: code.length, ms: Math.round(performance.now() - startedAt) },
      'runner bundled',
    );
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
    mainPath: join(directory, 'runner.mjs'),
    cachePath: join(directory, 'cache'),
  };
}

async function buildProgram(
  entry: string,
): Promise<{ code: Uint8Array; inputs: Readonly<Record<string, string>> }> {
  const { build } = await import('./build-program.ts');
  const program = await build(entry);
  const inputs: Record<string, string> = {};
  for (const path of program.inputs) inputs[path] = sha256(await readFile(path));
  return { code: program.code, inputs };
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

/** The program is written last and must be whole: the digest tells. */
async function isComplete(bundle: RunnerBundle): Promise<boolean> {
  const node = `${process.version} ${process.platform} ${process.arch}`;
  const program = await digestOf(bundle.mainPath);
  return program !== null && sha256(`${node}\n${program}`) === bundle.digest;
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
