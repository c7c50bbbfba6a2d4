import { type AppGrant, type RuntimeKind, secretNameOf } from '../app/index.ts';
import type { RunSettings } from './events.ts';
import { grantOf } from './grants.ts';
import type { OfficeState } from './office-state.ts';

/** One app that a host is to run, as it is said to the host (CONTRACTS §8; `assignment` of the supervisor's protocol). */
export interface DesiredApp {
  app: string;
  name: string;
  version: number;
  generation: number;
  environment: string;
  runtime: RuntimeKind;
  /** Digest of the artifact. */
  digest: string;
  artifact_prefix: string;
  settings: RunSettings;
  env: Record<string, string>;
  grant: AppGrant;
  address: string;
  pinned: boolean;
  stopped: boolean;
  stop_position: number;
  restart_position: number;
  reset_position: number;
  purge_position: number;
  /** Of the last purge that takes the data along; 0: none that waits does. */
  purge_data_position: number;
}

/** What a supervisor is to run, by app id. */
export function desiredFor(state: OfficeState, supervisor: string): DesiredApp[] {
  const rows: DesiredApp[] = [];
  for (const app of state.apps.values()) {
    const assignment = app.placements.get(supervisor)?.assignment;
    if (assignment === undefined || assignment.purged) continue;
    rows.push({
      app: app.uuid,
      name: app.name,
      version: assignment.version,
      generation: assignment.generation,
      environment: assignment.environment,
      runtime: assignment.runtime,
      digest: assignment.artifactDigest,
      artifact_prefix: assignment.artifactPrefix,
      settings: assignment.settings,
      env: withoutSecrets(assignment.env),
      grant: grantOf(state, app, assignment),
      address: assignment.address,
      pinned: assignment.pinned,
      stopped: assignment.stopped,
      stop_position: assignment.stopPosition,
      restart_position: assignment.restartPosition,
      reset_position: assignment.resetPosition,
      purge_position: assignment.purgePosition,
      purge_data_position: assignment.purgeDataPosition,
    });
  }
  return rows.sort((a, b) => (a.app < b.app ? -1 : 1));
}

function withoutSecrets(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => secretNameOf(value) === null));
}
