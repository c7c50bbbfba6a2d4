import { firstLine } from '../deployments/words.ts';
import { sizeText } from '../terminal/table.ts';

/** What an event carries, as it came over the wire: nothing about it is taken for granted. */
export type EventData = Readonly<Record<string, unknown>>;

/** Tells the name of an app by its id. */
export type NameOf = (uuid: string) => string;

type Teller = (data: EventData, app: string) => string;

/** What happened, in words, by event type. Types that are not here are told by their name. */
const TELLERS: Readonly<Record<string, Teller>> = {
  office_created: (data) => `made the office ${data.office} (${data.name})`,
  credential_issued: (data) =>
    `issued a credential to ${data.kind} ${data.name} (${data.role ?? list(data.scopes)}${
      typeof data.expires_at === 'string' ? `, until ${data.expires_at.slice(0, 10)}` : ''
    })`,
  credential_revoked: (data) => `ended the credential ${data.credential_id}: ${data.reason}`,
  session_started: (data) =>
    `signed in with ${data.browser} (${data.by === 'link' ? 'by a link' : 'with a token'}), session ${data.session_id}`,
  session_used: (data) => `used the session ${data.session_id}`,
  session_ended: (data) => `ended the session ${data.session_id}: ${data.reason}`,
  request_refused: (data) =>
    `was refused: ${data.method} ${data.route} (${data.status} ${data.code})${
      Number(data.suppressed) > 0 ? `, and ${data.suppressed} more since the last time this was told` : ''
    }`,
  payload_erased: (data) =>
    Number(data.events) + Number(data.keys) === 0 && data.reason === 'asked'
      ? `was asked to erase what came from outside about ${data.subject}: there was nothing`
      : `erased ${count(data.events, 'body', 'bodies')} ${ERASED_BECAUSE[String(data.reason)] ?? data.reason} (${sizeText(Number(data.bytes))}${
          Number(data.keys) > 0 ? `, ${count(data.keys, 'key', 'keys')} destroyed` : ''
        })${data.reason === 'asked' ? ` of ${data.subject}` : ''}`,
  secret_registered: (data) =>
    Number(data.version) > 1
      ? `put another value in the secret ${data.name} (version ${data.version})`
      : `registered the secret ${data.name} (${data.kind})`,
  secret_deleted: (data) => `deleted the secret ${data.name}`,
  projections_rebuilt: (data) => `had ${list(data.names)} built anew from the log`,
  delivery_succeeded: (data, app) => `${app} took event ${data.event_position} (${data.event_type})`,
  delivery_failed: (data, app) =>
    `${app} did not take event ${data.event_position} (${data.event_type}): ${data.reason}; ${
      data.retry_at === null
        ? `given up after ${count(data.attempts, 'try', 'tries')}`
        : `tried again at ${data.retry_at}`
    }`,
  supervisor_joined: (data) => `host ${data.name} joined; it can run ${list(data.tags)}`,
  app_registered: (data, app) => `registered the app ${app} at ${data.ula}`,
  version_published: (data, app) =>
    `published version ${data.version} of ${app} (${data.files} files, ${sizeText(Number(data.bytes))})`,
  artifact_built: (data, app) =>
    `built version ${data.version} of ${app} as ${data.kind} in ${seconds(data.build_ms)}`,
  deployment_requested: (data, app) => `asked to deploy version ${data.version} of ${app}`,
  deployment_build_started: (data, app) => `began to build version ${data.version} of ${app}`,
  deployment_placed: (data, app) =>
    `decided to place version ${data.version} of ${app} on ${hosts(data.targets)}`,
  deployment_target_failed: (data, app) =>
    `deploying version ${data.version} of ${app} on ${data.supervisor} failed at ${data.stage}: ${data.reason}`,
  deployment_succeeded: (data, app) => `version ${data.version} of ${app} is deployed`,
  deployment_failed: (data, app) =>
    `deploying version ${data.version} of ${app} failed at ${data.stage}: ${firstLine(String(data.reason))}`,
  deployment_cancelled: (data, app) => `called off deploying version ${data.version} of ${app}`,
  deployment_superseded: (data, app) =>
    `deploying version ${data.version} of ${app} gave way to the newer deployment ${data.by}`,
  app_taken_down: (_data, app) => `took ${app} down: its static files are served no more`,
  version_removed: (data, app) =>
    data.why === 'retention'
      ? `removed version ${data.version} of ${app}: the office keeps so many only`
      : `removed version ${data.version} of ${app}`,
  app_assigned: (data, app) =>
    `placed version ${data.version} of ${app} on ${data.supervisor} as ${data.runtime}`,
  app_start_requested: (_data, app) => `asked to start ${app}`,
  app_stop_requested: (_data, app) => `asked to stop ${app}`,
  app_restart_requested: (_data, app) => `asked to start ${app} anew`,
  app_reset_requested: (_data, app) => `asked to forget the failures of ${app}`,
  app_purge_requested: (data, app) =>
    `asked to remove ${app} from ${data.supervisor}${data.data === true ? ', with all it has stored' : ''}`,
  app_idled: (_data, app) => `stopped ${app}, which nobody had asked for anything for a while`,
  app_restart_changed: (data, app) =>
    data.status === 'running'
      ? `${app} does well again`
      : data.status === 'parked'
        ? `${app} failed ${data.failures} times and is not started until it is deployed or reset`
        : `${app} failed (${count(data.failures, 'time', 'times')}) and is started again at ${data.retry_at} at the earliest`,
  egress_denied: (data, app) => `kept ${app} from reaching ${data.entry}, which nothing grants it`,
  app_purged: (_data, app) => `removed ${app} from its host`,
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

const ERASED_BECAUSE: Readonly<Record<string, string>> = {
  asked: 'because a person asked for it',
  age: 'that were too old',
  size: 'because there were too many',
};

/** One event in words. */
export function storyOf(type: string, subject: string, data: EventData, nameOf: NameOf): string {
  const app =
    typeof data.app === 'string' ? (typeof data.name === 'string' ? data.name : nameOf(data.app)) : subject;
  const tell = Object.hasOwn(TELLERS, type) ? TELLERS[type] : undefined;
  return tell ? tell(data, app) : `${type.replaceAll('_', ' ')} (${subjectText(subject, nameOf)})`;
}

/** An event whose body is gone: what its envelope still says. */
export function erasedStory(type: string, subject: string, nameOf: NameOf): string {
  return `${type.replaceAll('_', ' ')} (${subjectText(subject, nameOf)}); what it said was erased`;
}

function subjectText(subject: string, nameOf: NameOf): string {
  return subject.startsWith('app/') ? nameOf(subject.slice('app/'.length)) : subject;
}

function count(value: unknown, one: string, many: string): string {
  return `${value} ${value === 1 ? one : many}`;
}

function list(value: unknown): string {
  return Array.isArray(value) && value.length > 0 ? value.join(', ') : 'nothing';
}

/** Names of the hosts of a deployment. */
function hosts(targets: unknown): string {
  const names = (Array.isArray(targets) ? targets : []).map(
    (each: { supervisor?: unknown }) => each.supervisor,
  );
  return list(names);
}

function seconds(milliseconds: unknown): string {
  const ms = Number(milliseconds);
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
