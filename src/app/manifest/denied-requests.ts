import type { Manifest } from './model.ts';
import { secretNameOf } from './secret-reference.ts';

/**
 * What a manifest asks for that this version of the platform denies to every app: outgoing HTTP, segments, actions
 * and secrets, until there are approvals.
 *
 * @returns keys of the manifest, e.g. `['capabilities.http_allow_list', 'env.API_KEY']`
 */
export function deniedRequests(manifest: Manifest): readonly string[] {
  const { capabilities, secrets, env, deploy } = manifest;
  const targetEnvs = deploy.flatMap((target) => secretVariables(target.env, 'deploy.env'));
  return [
    ...keyIf('capabilities.subscribe_segments', capabilities.subscribeSegments),
    ...keyIf('capabilities.emit_segments', capabilities.emitSegments),
    ...keyIf('capabilities.http_allow_list', capabilities.httpAllowList),
    ...keyIf('capabilities.actions', capabilities.actions),
    ...keyIf('secrets', secrets),
    ...secretVariables(env, 'env'),
    ...new Set(targetEnvs),
  ];
}

function keyIf(key: string, asked: readonly unknown[]): readonly string[] {
  return asked.length > 0 ? [key] : [];
}

function secretVariables(env: Readonly<Record<string, string>>, table: string): readonly string[] {
  return Object.entries(env)
    .filter(([, value]) => secretNameOf(value) !== null)
    .map(([name]) => `${table}.${name}`);
}
