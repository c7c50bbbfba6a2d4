import type { GivenSecret } from '../../runner/index.ts';
import { supervisorError } from '../errors.ts';
import type { Assignment } from '../protocol.ts';
import type { SecretsResolver } from './http-secrets-resolver.ts';

/** Environments that are given no secrets (CONTRACTS §9). */
const PREVIEW = 'preview-';

/**
 * The values that an app is started with. Of one that is granted none nobody is asked.
 *
 * @throws TabbifyError `secret_withheld`, `secret_missing` naming the command that helps; what the resolver throws
 */
export async function spawnSecrets(
  resolver: SecretsResolver,
  { app, generation, environment, env, grant }: Assignment,
  signal: AbortSignal,
): Promise<readonly GivenSecret[]> {
  if (environment.startsWith(PREVIEW)) return [];
  if (grant.withheld !== undefined && grant.withheld.length > 0) throw notGranted(grant.withheld, app);
  if (grant.secrets.length === 0) return [];
  const tenant = env.TABBIFY_OFFICE ?? 'default';
  const names = [...new Set(grant.secrets.map(({ name }) => name))];
  const found = await resolver.resolve({ tenant, app, generation, names }, signal);
  const missing = grant.secrets.filter(({ name, required }) => required && !found.has(name));
  if (missing.length > 0)
    throw notRegistered(
      missing.map(({ name }) => name),
      tenant,
    );
  return grant.secrets.flatMap(({ name, env_var }) => {
    const secret = found.get(name);
    return secret === undefined ? [] : [{ name, env_var, ...secret }];
  });
}

function notGranted(names: readonly string[], app: string) {
  const one = names.length === 1;
  return supervisorError('secret_withheld', {
    what: `The app needs the secret${one ? '' : 's'} ${names.join(', ')}`,
    why: `${one ? 'it was' : 'they were'} granted and taken back; \`tabbify deploy ${app}\` asks for ${one ? 'it' : 'them'} again`,
    hint: `Deploy it again and have ${one ? 'it' : 'them'} approved, or push a version that does without: \`required = false\``,
  });
}

function notRegistered(names: readonly string[], tenant: string) {
  const commands = names.map(
    (name) => `\`tabbify secrets register ${name} <kind> --from-stdin --tenant ${tenant}\``,
  );
  const one = names.length === 1;
  return supervisorError('secret_missing', {
    what: `The app needs the secret${one ? '' : 's'} ${names.join(', ')}`,
    why: `${one ? 'it is' : 'they are'} not registered; put ${one ? 'it' : 'them'} in with ${commands.join(' and ')}`,
    hint: `Register ${one ? 'it' : 'them'}, and ask the app again, or deploy it: it starts then`,
  });
}
