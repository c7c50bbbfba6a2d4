import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifest, OTHER, TINY } from './testing/apps.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { begin, pushInPieces } from './testing/uploads.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const TOML = { 'tabbify.toml': manifest(TINY, 'tiny') };

/** A file of this name between two good ones, sent as an archive. */
async function pushArchive(name: string) {
  const tar = pack();
  for (const [path, content] of Object.entries({ ...TOML, [name]: 'canary', after: 'x' })) {
    tar.entry({ name: path, size: Buffer.byteLength(content) }, content);
  }
  tar.finalize();
  return node.call(`/v1/apps/${TINY}/versions`, {
    method: 'POST',
    body: new Blob([gzipSync(await buffer(tar as AsyncIterable<Buffer>))]).stream(),
    headers: { 'content-type': 'application/gzip' },
  });
}

const WAYS = {
  'as an archive': pushArchive,
  'as a list': (name: string) => begin(node, TINY, { ...TOML, [name]: 'canary', after: 'x' }),
};

/** All files of the home but those of log and projections, which go on by themselves. */
async function filesOf(home: string): Promise<string[]> {
  const all = await readdir(home, { recursive: true });
  return all.filter((path) => !/^(log|projections)\.db|^snapshots/.test(path)).sort();
}

test('a file of a hostile name is refused by that name, whichever way it comes, and nothing is written', async () => {
  await node.push(OTHER, { 'tabbify.toml': manifest(OTHER, 'other') });
  await node.push(TINY, TOML);
  await begin(node, TINY, TOML).then(({ json }) =>
    node.call(`/v1/apps/${TINY}/uploads/${json.id}/publish`, { method: 'POST' }),
  );
  const before = await filesOf(node.home);
  const other = join(node.home, 'objects/apps', OTHER, 'v1/tabbify.toml');
  const names = [
    `../../${OTHER}/v1/tabbify.toml`,
    '../v1/tabbify.toml',
    '/tmp/tabbify-canary',
    'a/../../canary',
    'a\\..\\canary',
    'line\nbreak',
    'TABBIFY.toml',
    'tabbify.toml/below',
    'AUX',
    'c:canary',
    'canary.',
  ];
  for (const name of names) {
    for (const [way, push] of Object.entries(WAYS)) {
      const { status, json } = await push(name);
      expect([way, name, status, json.code]).toEqual([way, name, 400, 'archive_invalid']);
      expect(json.detail).toContain(JSON.stringify(name));
    }
  }
  expect(await filesOf(node.home)).toEqual(before);
  expect(await readFile(other, 'utf8')).toBe(manifest(OTHER, 'other'));
  expect((await node.events(['version_published'])).map(({ data }) => data.version)).toEqual([1, 1, 2]);
  expect((await pushInPieces(node, TINY, TOML)).json.version).toBe(3);
});
