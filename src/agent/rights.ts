import type { Manifest } from '../app/index.ts';

/** One thing an app may do, or asks for, read from its parsed manifest and never from what a model says about it. */
export interface Right {
  /** Key of the manifest, e.g. `app.visibility`. */
  readonly key: string;
  /** What it means, e.g. "call api.stripe.com". */
  readonly text: string;
  /** `denied`: the platform does not give it to any app yet. */
  readonly state: 'granted' | 'denied';
}

/** All rights of a manifest that a person should see before saying yes (CONTRACTS §4a). */
export function rightsOf(manifest: Manifest): readonly Right[] {
  const { capabilities, secrets, env, deploy } = manifest;
  const secretNames = new Set([
    ...secrets.map((secret) => secret.name),
    ...[env, ...deploy.map((target) => target.env)].flatMap((each) =>
      Object.values(each).flatMap((value) =>
        value.startsWith('secret:') ? [value.slice('secret:'.length)] : [],
      ),
    ),
  ]);
  const hosts = deploy.map((target) => target.supervisor);
  return [
    {
      key: 'app.visibility',
      text:
        manifest.app.visibility === 'public'
          ? "public: anyone who reaches this machine's port can call it"
          : 'private: only who is signed in, or has a credential of the office',
      state: 'granted',
    },
    ...denied('capabilities.http_allow_list', 'call', capabilities.httpAllowList),
    ...denied('capabilities.subscribe_segments', 'read the events of', capabilities.subscribeSegments),
    ...denied('capabilities.emit_segments', 'write events to', capabilities.emitSegments),
    ...denied('capabilities.actions', 'act through', capabilities.actions),
    ...denied('secrets', 'get the secret', [...secretNames]),
    ...hosts.map((host): Right => ({ key: 'deploy', text: `run on ${host}`, state: 'granted' })),
    ...(manifest.runtime.lifecycle === 'always_on'
      ? [
          {
            key: 'runtime.lifecycle',
            text: 'always on: runs without being called',
            state: 'granted',
          } as const,
        ]
      : []),
  ];
}

function denied(key: string, verb: string, values: readonly string[]): Right[] {
  return values.map((value) => ({ key, text: `${verb} ${value}`, state: 'denied' }));
}
