import type { ShownFile } from '../../sandbox/index.ts';
import type { ArtifactTask, ChildRequest, Preparation } from '../child/protocol.ts';
import type { BoxOrder } from './run-in-box.ts';

/** Where the app is in the box of its build. */
export const SOURCE_IN_BOX = '/source';
const CACHES_IN_BOX = '/caches';
/** A component of ours, in a box that waits. */
const COMPONENT_IN_BOX = '/smallest.wasm';

/**
 * What a box does that makes an artifact: it reaches nothing, and all that it may write to is its own `/tmp`.
 *
 * @param source folder of the app
 * @param caches made before, only read; null: there are none, and what the build makes of its own is thrown away
 */
export function buildOrder(
  task: ArtifactTask,
  source: string,
  caches: string | null,
): Omit<BoxOrder, 'artifact'> {
  const shown: ShownFile[] = caches === null ? [] : [{ from: caches, to: CACHES_IN_BOX }];
  const at = caches === null ? '/tmp/caches' : CACHES_IN_BOX;
  return {
    ...cachingAt(task, at),
    files: [{ from: source, to: SOURCE_IN_BOX }, ...shown],
    writable: [],
    channel: null,
  };
}

/**
 * The same with caches that it writes; for nothing but source of our own.
 *
 * @param caches empty
 */
export function cachingOrder(task: ArtifactTask, source: string, caches: string): Omit<BoxOrder, 'artifact'> {
  return {
    ...cachingAt(task, CACHES_IN_BOX),
    files: [{ from: source, to: SOURCE_IN_BOX }],
    writable: [{ from: caches, to: CACHES_IN_BOX }],
    channel: null,
  };
}

/**
 * What a box sees that waits for a build of either kind.
 *
 * @param source empty; the app is put there when it comes
 * @param component of ours, to try the tools on; null: it does not load those for components
 */
export function waitingOrder(
  source: string,
  caches: string,
  component: string | null,
): Omit<BoxOrder, 'artifact' | 'request'> & { readonly prepare: Preparation } {
  const files = [
    { from: source, to: SOURCE_IN_BOX },
    { from: caches, to: CACHES_IN_BOX },
    ...(component === null ? [] : [{ from: component, to: COMPONENT_IN_BOX }]),
  ];
  const prepare = { component: component === null ? null : COMPONENT_IN_BOX };
  return { files, writable: [], channel: null, env: cachesAt(CACHES_IN_BOX), prepare };
}

/** The request to a box that has waited. */
export function requestWhereItWaits(task: ArtifactTask): ChildRequest {
  return cachingAt(task, CACHES_IN_BOX).request;
}

function cachesAt(caches: string): BoxOrder['env'] {
  return { NODE_COMPILE_CACHE: `${caches}/code` };
}

function cachingAt(task: ArtifactTask, caches: string): Pick<BoxOrder, 'request' | 'env'> {
  return {
    request: {
      sourceDir: SOURCE_IN_BOX,
      artifactDir: '/tmp/artifact',
      scratchDir: '/tmp',
      task: task.kind === 'module' ? task : { ...task, engineCacheDir: `${caches}/engine` },
      npm: null,
      handOver: 'messages',
    },
    env: cachesAt(caches),
  };
}
