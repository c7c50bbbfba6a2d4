import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { approve } from '../../src/node/testing/index.ts';
import { besiegedOffice } from './besieged-office.ts';
import { describedBy, hostileBodies, pathFor } from './shots.ts';

const called: string[] = [];
const canary = createServer((request, response) => {
  called.push(request.url ?? '');
  response.end();
});
await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
const office = await besiegedOffice(`http://127.0.0.1:${(canary.address() as AddressInfo).port}`);
afterAll(async () => {
  await office[Symbol.asyncDispose]();
  await new Promise((resolve) => canary.close(resolve));
});
const { node } = office;
const operations = describedBy((await node.call('/openapi.json')).json);

/** Sends it and looks at the head of the answer; an answer without an end is not waited for. */
async function send(method: string, path: string, token: string | null, body: unknown): Promise<number> {
  const response = await fetch(`${node.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== null && { 'content-type': 'application/json' }),
      'tabbify-office': 'default',
    },
    ...(body !== null && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  return response.status;
}

test.each(operations)('$key takes nobody past the persons', async (operation) => {
  for (const [who, token] of Object.entries(office.attackers)) {
    await office.stage();
    const head = await node.log.head();
    for (const victim of office.victims) {
      const bodies = [operation.body, ...hostileBodies(operation, victim)];
      const path = pathFor(operation, office, victim);
      for (const body of operation.method === 'GET' ? [null] : bodies)
        await send(operation.method, path, token, body);
    }
    // what is not in the log has changed nothing
    if ((await node.log.head()) > head) expect([who, await office.breaches()]).toEqual([who, []]);
  }
  expect([await office.breaches(), called]).toEqual([[], []]);
});

// last: from then on it is no longer true
test('and the look at it notices a yes', async () => {
  await office.stage();
  for (const { approval } of office.victims) expect((await approve(node, approval.id)).status).toBe(200);
  const found = await office.breaches();
  expect(found).toContain('approval_granted was said by user:owner');
  expect(found).toContain('visibility:public is granted');
  await expect.poll(() => office.breaches()).toContain('a stranger is answered 200');
});
