import { expect } from 'vitest';
import type { RunningNode } from './running-node.ts';

/** Issues a token and gives back its secret and id. @param office picked by the owner; default `default` */
export async function issue(
  node: RunningNode,
  body: Readonly<Record<string, unknown>>,
  office?: string,
): Promise<{ readonly token: string; readonly id: string }> {
  const answer = await node.call('/v1/tokens', {
    method: 'POST',
    json: body,
    ...(office !== undefined && { headers: { 'tabbify-office': office } }),
  });
  expect([answer.status, answer.text]).toEqual([201, expect.anything()]);
  return { token: answer.json.token, id: answer.json.id };
}

/** Makes an office and an owner's token in it. */
export async function openOffice(node: RunningNode, slug: string): Promise<string> {
  const made = await node.call('/v1/offices', { method: 'POST', json: { slug, name: slug } });
  expect([made.status, made.text]).toEqual([201, expect.anything()]);
  return (await issue(node, { name: 'boss', role: 'owner' }, slug)).token;
}
