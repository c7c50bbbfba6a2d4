import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ObjectStore } from '../artifacts/index.ts';
import type { SealedLog } from '../log/index.ts';
import { manifest, TINY } from './testing/apps.ts';
import { type Call, type RunningNode, startTestNode } from './testing/running-node.ts';
import { pushInPieces } from './testing/uploads.ts';

/** Cuts the office off: from this step on nothing that it asks of disk and log happens, and nothing answers. */
class Death {
  readonly seen: string[] = [];
  reached = Promise.withResolvers<void>();
  at: string | null = null;

  async step<T>(name: string, action: () => Promise<T>): Promise<T> {
    const before = `before ${name}`;
    if (this.isAt(before)) return this.never();
    const result = await action();
    return this.isAt(`after ${name}`) ? this.never() : result;
  }

  private isAt(point: string): boolean {
    this.seen.push(point);
    if (this.at !== point) return false;
    this.reached.resolve();
    return true;
  }

  private never(): Promise<never> {
    return new Promise(() => {});
  }
}

const files = (n: number) => ({
  'tabbify.toml': manifest(TINY, 'tiny', '[build]\nmain = "main.ts"\n'),
  'main.ts': `export default ${n}`,
});
const nameOf = (key: string) => key.split('/').slice(2).join('/');

function mortalStore(death: Death, store: ObjectStore): ObjectStore {
  return {
    ...store,
    put: (key, body) => death.step(`put ${nameOf(key)}`, () => store.put(key, body)),
    putIfAbsent: (key, body) => death.step(`putIfAbsent ${nameOf(key)}`, () => store.putIfAbsent(key, body)),
  };
}

function mortalLog(death: Death, log: SealedLog): SealedLog {
  return {
    ...log,
    append: (draft, options) =>
      draft.type === 'version_published' || draft.type === 'app_registered'
        ? death.step(draft.type, () => log.append(draft, options))
        : log.append(draft, options),
  };
}

let node: RunningNode;
let death = new Death();
beforeEach(async () => {
  death = new Death();
  const of = death;
  node = await startTestNode({
    storeBetween: (store) => mortalStore(of, store),
    between: (log) => mortalLog(of, log),
  });
});
afterEach(() => node.close());

/** The next life of the office. */
const restart = () => node.restart({ storeBetween: (store) => store, between: (log) => log });
const WAYS = {
  'as an archive': (n: number, asked?: Call) => node.push(TINY, files(n), asked),
  'content by content': (n: number, asked?: Call) => pushInPieces(node, TINY, files(n), asked),
};
/** Where a push can be cut off, and whether it is there afterwards. */
const POINTS = [
  'before putIfAbsent claims/1',
  'after put v1/main.ts',
  'after putIfAbsent v1/digest.json',
  'after app_registered',
  'before version_published',
  'after version_published',
  'before put latest',
];
const SAID = new Set(POINTS.slice(-2));

test('the points are those that a push comes by', async () => {
  expect((await node.push(TINY, files(1))).status).toBe(201);
  expect(POINTS.filter((point) => !death.seen.includes(point))).toEqual([]);
});

test.each([
  ...POINTS.map((at) => ['as an archive', at] as const),
  ['content by content', 'after putIfAbsent v1/digest.json'] as const,
  ['content by content', 'after version_published'] as const,
])('a push %s that is cut off %s is there whole, or nothing of it is', async (way, at) => {
  death.at = at;
  const leave = new AbortController();
  const gone = WAYS[way](1, { signal: leave.signal }).catch(() => null);
  await death.reached.promise;
  leave.abort();
  await gone;
  await restart();
  const { json } = await node.call(`/v1/apps/${TINY}/versions`);
  const said = SAID.has(at);
  expect(json.versions?.map(({ version }: { version: number }) => version) ?? []).toEqual(said ? [1] : []);
  const below = (folder: string) => readdir(join(node.home, folder)).catch(() => []);
  expect([await below('uploads'), await below('publishing')]).toEqual([[], []]);
  const objects = await below(`objects/apps/${TINY}`);
  expect(objects.sort()).toEqual(said ? ['claims', 'latest', 'v1'] : []);
  const next = await WAYS[way](2);
  expect([next.status, next.json.version]).toEqual([201, said ? 2 : 1]);
});
