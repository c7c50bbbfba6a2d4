import { sizeText } from '../terminal/table.ts';

/** What an event carries, as it came over the wire: nothing about it is taken for granted. */
export type EventData = Readonly<Record<string, unknown>>;

/** Tells the name of an app by its id. */
export type NameOf = (uuid: string) => string;

type Teller = (data: EventData, app: string) => string;

/** What happened, in words, by event type. Types that are not here are told by their name. */
const TELLERS: Readonly<Record<string, Teller>> = {
  credential_issued: (data) => `issued a credential to ${data.kind} ${data.name} (${list(data.scopes)})`,
  supervisor_joined: (data) => `host ${data.name} joined; it can run ${list(data.tags)}`,
  app_registered: (data, app) => `registered the app ${app} at ${data.ula}`,
  version_published: (data, app) =>
    `published version ${data.version} of ${app} (${data.files} files, ${sizeText(Number(data.bytes))})`,
  artifact_built: (data, app) =>
    `built version ${data.version} of ${app} as ${data.kind} in ${seconds(data.build_ms)}`,
  deployment_requested: (data, app) => `asked to deploy version ${data.version} of ${app}`,
  deployment_succeeded: (data, app) => `version ${data.version} of ${app} is deployed`,
  deployment_failed: (data, app) =>
    `deploying version ${data.version} of ${app} failed at ${data.stage}: ${data.reason}`,
  app_assigned: (data, app) =>
    `placed version ${data.version} of ${app} on ${data.supervisor} as ${data.runtime}`,
  app_start_requested: (_data, app) => `asked to start ${app}`,
  app_stop_requested: (_data, app) => `asked to stop ${app}`,
  assignment_applied: (data, app) =>
    data.outcome === 'idle'
      ? `${app} is ready and starts with its first request`
      : `${app} is in place and running`,
  assignment_failed: (data, app) => `${app} could not be put in place at ${data.stage}: ${data.reason}`,
  app_started: (data, app) =>
    data.adopted === true
      ? `took over ${app}, which had gone on running (process ${data.pid})`
      : `started version ${data.version} of ${app} (process ${data.pid})`,
  app_stopped: (data, app) => `stopped ${app}: ${data.reason}`,
  app_crashed: (data, app) => `${app} crashed (${data.signal ?? `exit code ${data.code}`})`,
};

/** One event in words. */
export function storyOf(type: string, subject: string, data: EventData, nameOf: NameOf): string {
  const app =
    typeof data.app === 'string' ? (typeof data.name === 'string' ? data.name : nameOf(data.app)) : subject;
  const tell = Object.hasOwn(TELLERS, type) ? TELLERS[type] : undefined;
  return tell ? tell(data, app) : `${type.replaceAll('_', ' ')} (${subject})`;
}

function list(value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? value.join(', ') : 'nothing';
}

function seconds(milliseconds: unknown): string {
  const ms = Number(milliseconds);
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
