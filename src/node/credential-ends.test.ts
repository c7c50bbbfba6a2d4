import { afterEach, beforeEach, expect, test } from 'vitest';
import { TINY, tinyApp } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue } from './testing/tokens.ts';

const SEGMENT = 'tenant_default.numbers';
const DAY_SECONDS = 86_400;

let offset = 0;
let node: RunningNode;
let supervisor: FakeSupervisor;
beforeEach(async () => {
  offset = 0;
  node = await startTestNode({ clock: { now: () => Date.now() + offset } });
  supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
});
afterEach(async () => {
  await supervisor.close();
  await node.close();
});

const say = (n: number) =>
  node.call('/v1/events', {
    method: 'POST',
    json: { event: { type: 'Counted', segment: SEGMENT, data: { n } } },
  });

/** A response that stays open: what came so far, and that it has ended. */
async function open(path: string, token: string) {
  const response = await fetch(`${node.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect([path, response.status]).toEqual([path, 200]);
  const stream = { text: '', ended: Promise.resolve(), over: false };
  stream.ended = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) stream.text += chunk;
    stream.over = true;
  })().catch(() => {}); // broken off, by the end of the node: not over
  return stream;
}

const until = (condition: () => boolean) =>
  expect.poll(condition, { timeout: 10_000, interval: 5 }).toBe(true);

/** One open stream of each kind, each of which has told something already. */
async function openAll(token: string) {
  await node.push(TINY, await tinyApp());
  const deployment = (await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: {} })).json;
  await supervisor.assigned(TINY);
  await say(1);
  const streams = {
    events: await open(`/v1/events/stream?segment=${SEGMENT}`, token),
    deployment: await open(`/v1/deployments/${deployment.deployment_id}/stream`, token),
    logs: await open(`/v1/apps/${TINY}/logs?follow=1`, token),
  };
  await until(() => streams.events.text.includes('"n":1'));
  await until(() => streams.deployment.text.includes('starting'));
  await until(() => streams.logs.text.includes('first words'));
  return streams;
}

test('revoked: every open stream ends at once, and nothing that came after reached it', async () => {
  const { token, id } = await issue(node, { name: 'anna', role: 'viewer' });
  const streams = await openAll(token);
  const [log] = supervisor.followers;
  expect((await node.call(`/v1/tokens/${id}`, { method: 'DELETE' })).status).toBe(200);
  // canaries, for each stream one
  await say(2);
  log?.write('canary words\n');
  await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'idle' });
  await Promise.all([streams.events.ended, streams.deployment.ended, streams.logs.ended]);
  expect(Object.values(streams).map(({ over }) => over)).toEqual([true, true, true]);
  expect(streams.events.text).not.toContain('"n":2');
  expect(streams.logs.text).not.toContain('canary');
  expect(streams.deployment.text).not.toContain('switched');
  expect((await node.call('/v1/apps', { token })).status).toBe(401);
  await until(() => supervisor.followers.size === 0);
  // the canaries are there for those who may see them
  expect((await node.call(`/v1/events?segment=${SEGMENT}`)).text).toContain('"n":2');
});

test('events appended while it is revoked: none with a later position is told', async () => {
  const { token, id } = await issue(node, { name: 'anna', role: 'viewer' });
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => open(`/v1/events/stream?segment=${SEGMENT}`, token)),
  );
  const burst = (from: number) => Promise.all(Array.from({ length: 50 }, (_, n) => say(from + n)));
  await Promise.all([burst(0), node.call(`/v1/tokens/${id}`, { method: 'DELETE' }), burst(50)]);
  await Promise.all(streams.map(({ ended }) => ended));
  const [revoked] = await node.events(['credential_revoked']);
  for (const { text } of streams) {
    const last = Math.max(0, ...[...text.matchAll(/^id: (\d+)$/gm)].map(([, position]) => Number(position)));
    expect(last).toBeLessThan(revoked!.position);
  }
});

test('replaced: the streams of the old token end, those of others go on', async () => {
  const old = await issue(node, { name: 'anna', role: 'viewer' });
  const other = await issue(node, { name: 'bert', role: 'viewer' });
  const path = `/v1/events/stream?segment=${SEGMENT}`;
  const [ending, going] = [await open(path, old.token), await open(path, other.token)];
  await issue(node, { name: 'anna', role: 'viewer', replace: true });
  await ending.ended;
  await say(3);
  await until(() => going.text.includes('"n":3'));
  expect([going.over, ending.text.includes('"n":3')]).toEqual([false, false]);
  await node.call(`/v1/tokens/${other.id}`, { method: 'DELETE' });
  await going.ended;
});

test("a supervisor's stream ends when another host is put in its place", async () => {
  const stream = await open('/v1/events/stream?segment=platform.hosts.local', supervisor.credential);
  await until(() => stream.text.includes('supervisor_joined'));
  await node.call('/v1/supervisors', { method: 'POST', json: { name: 'local', replace: true } });
  await stream.ended;
});

test('expired: streams end by themselves, and no clock that is set back revives the token', async () => {
  const path = `/v1/events/stream?segment=${SEGMENT}`;
  const { token } = await issue(node, { name: 'brief', role: 'viewer', expires_in_days: 1.5 / DAY_SECONDS });
  const lasting = await issue(node, { name: 'lasting', role: 'viewer', expires_in_days: 1 });
  const stream = await open(path, token);
  const other = await open(path, lasting.token);
  await say(1);
  await until(() => stream.text.includes('"n":1'));
  await stream.ended;
  await say(2); // the log has seen this time
  expect(stream.text).not.toContain('"n":2');
  expect((await node.call('/v1/apps', { token })).status).toBe(401);
  offset = -DAY_SECONDS * 1000;
  expect((await node.call('/v1/apps', { token })).status).toBe(401);
  const { tokens } = (await node.call('/v1/tokens')).json;
  expect(tokens.find(({ name }: { name: string }) => name === 'brief').state).toBe('expired');
  await until(() => other.text.includes('"n":2'));
  expect(other.over).toBe(false);
  await node.restart();
  expect((await node.call('/v1/apps', { token })).status).toBe(401);
  expect((await node.call('/v1/apps', { token: lasting.token })).status).toBe(200);
  // its name is free again
  const again = await issue(node, { name: 'brief', role: 'viewer' });
  expect((await node.call('/v1/apps', { token: again.token })).status).toBe(200);
});

test('who waits while his credential ends changes nothing: an upload that was let in is refused at its end', async () => {
  const { token, id } = await issue(node, { name: 'dev', role: 'developer' });
  const archive = new TransformStream<Uint8Array, Uint8Array>();
  const { packed } = await packedTiny();
  const writer = archive.writable.getWriter();
  const answer = node.call(`/v1/apps/${TINY}/versions`, {
    method: 'POST',
    token,
    body: archive.readable,
    headers: { 'content-type': 'application/gzip' },
  });
  await writer.write(packed.subarray(0, 100));
  await node.call(`/v1/tokens/${id}`, { method: 'DELETE' });
  await writer.write(packed.subarray(100));
  await writer.close();
  expect((await answer).json).toMatchObject({ status: 401, code: 'credential_missing' });
  expect(await node.events(['version_published', 'app_registered'])).toEqual([]);
});

async function packedTiny(): Promise<{ packed: Uint8Array }> {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { packFolder } = await import('../artifacts/index.ts');
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-pack-'));
  try {
    for (const [name, content] of Object.entries(await tinyApp()))
      await writeFile(join(folder, name), content);
    const chunks: Buffer[] = [];
    for await (const chunk of packFolder(folder)) chunks.push(chunk as Buffer);
    return { packed: Buffer.concat(chunks) };
  } finally {
    await rm(folder, { recursive: true });
  }
}
