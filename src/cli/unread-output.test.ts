import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startChild } from '../kit/index.ts';
import { json, stubNode } from './testing/stub-node.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const BIN = join(import.meta.dirname, '..', '..', 'bin', 'tabbify.mjs');

test('output that nobody reads any more (`| head`) ends a command quietly, one that follows as well', async () => {
  await using folder = await temporaryFolder();
  const event = (position: number) => ({
    id: `e${position}`,
    type: 'app_started',
    subject: 'app/x',
    time: '2026-01-01T00:00:00Z',
    segment: 'tenant_default.apps',
    actor: 'system',
    position,
    data: {},
  });
  await using node = await stubNode({
    'GET /v1/apps': (_request, response) => json(response, 200, { apps: [], next_cursor: null }),
    'GET /v1/events': (_request, response) =>
      json(response, 200, { events: [event(1)], next: null, head: 1 }),
    'GET /v1/events/stream': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let position = 1;
      const timer = setInterval(() => {
        position += 1;
        response.write(`id: ${position}\ndata: ${JSON.stringify(event(position))}\n\n`);
      }, 5);
      response.on('close', () => clearInterval(timer));
    },
  });
  const env = { ...node.env, HOME: folder.path, PATH: process.env.PATH ?? '' };
  const child = startChild(process.execPath, [BIN, 'events', '--follow'], { env });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const ended = once(child, 'exit');
  child.stdout?.once('data', () => child.stdout?.destroy());
  expect(await ended).toEqual([0, null]);
  expect(complaint).toBe('');
});
