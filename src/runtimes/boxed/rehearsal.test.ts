import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openRehearsal } from './rehearsal.ts';

it('takes a request through all that one of an app goes through, and leaves nothing', async () => {
  const sockets = await mkdtemp(join(tmpdir(), 'tbr-'));
  onTestFinished(() => rm(sockets, { recursive: true, force: true }));
  const rehearsal = await openRehearsal(sockets);
  const front = createServer((request, response) => rehearsal.serve(request, response)).listen(
    0,
    '127.0.0.1',
  );
  onTestFinished(() => void front.closeAllConnections());
  await once(front, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(front.address() as AddressInfo).port}/`);
  expect([answer.status, await answer.text()]).toEqual([200, 'ready']);
  await rehearsal[Symbol.asyncDispose]();
  expect(await readdir(sockets)).toEqual([]);
  front.close();
});
