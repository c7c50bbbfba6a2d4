import { type Manifest, secretsOf } from '../../app/index.ts';
import type { NodeClient } from '../client/node-client.ts';
import { shellWord } from '../terminal/prose.ts';

/**
 * What a person is told of secrets that an app cannot start without and that the office does not have: one that sleeps until its first
 * visitor would tell it to that one. Nothing where whoever asks may not see their names, or the gateway is away.
 */
export async function missingSecretWarnings(client: NodeClient, manifest: Manifest): Promise<string[]> {
  const required = secretsOf(manifest).filter((secret) => secret.required);
  if (required.length === 0) return [];
  const known = await client.secrets.list().catch(() => null);
  if (known === null) return [];
  const names = new Set(known.map(({ name }) => name));
  const missing = new Set(required.map(({ name }) => name).filter((name) => !names.has(name)));
  return [...missing].map(
    (name) =>
      `the app does not start without the secret ${name}, which is not registered; put it in with \`tabbify secrets register ${shellWord(name)} <kind>\``,
  );
}
