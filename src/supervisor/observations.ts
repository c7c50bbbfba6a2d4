import { type Clock, derivedId } from '../kit/index.ts';
import type { EventDraft } from '../log/index.ts';
import { type DomainEvents, domainEvent } from '../state/index.ts';
import { type RestartStatus, restartStatus, retryAt, type Trouble } from './restarts.ts';
import type { RunnerRecord } from './runner-record.ts';

type Observation =
  | 'assignment_applied'
  | 'assignment_failed'
  | 'app_started'
  | 'app_stopped'
  | 'app_idled'
  | 'app_crashed'
  | 'app_restart_changed'
  | 'app_purged'
  | 'egress_denied';

/** What a supervisor says to the log. Ids follow from what is observed, so that saying it again appends nothing. */
export interface Observer {
  applied(app: string, generation: number, outcome: 'running' | 'idle'): EventDraft;
  failed(data: DomainEvents['assignment_failed']): EventDraft;
  started(record: RunnerRecord): EventDraft;
  /** Once for every supervisor that takes the runner over. @param adoptionId UUID of this adoption */
  adopted(record: RunnerRecord, adoptionId: string): EventDraft;
  stopped(nonce: string, data: DomainEvents['app_stopped']): EventDraft;
  idled(nonce: string, data: DomainEvents['app_idled']): EventDraft;
  crashed(nonce: string, data: DomainEvents['app_crashed']): EventDraft;
  /** It failed once more. */
  troubled(app: string, trouble: Trouble): EventDraft;
  /** Its failures are forgotten. @param since what ended them: unique among those of the generation */
  untroubled(app: string, generation: number, since: string): EventDraft;
  purged(data: DomainEvents['app_purged']): EventDraft;
  /** Once for each entry and generation. */
  denied(data: DomainEvents['egress_denied']): EventDraft;
}

/** Observations of the supervisor of this name. */
export function createObserver(name: string, clock: Clock): Observer {
  const say = <Type extends Observation>(type: Type, id: string, data: DomainEvents[Type]): EventDraft =>
    domainEvent(type, data, { id, actor: `supervisor:${name}`, source: `/supervisors/${name}`, clock });
  const started = (record: RunnerRecord, adopted: boolean): DomainEvents['app_started'] => ({
    app: record.app,
    version: record.version,
    generation: record.generation,
    pid: record.pid,
    adopted,
  });
  return {
    applied: (app, generation, outcome) =>
      say('assignment_applied', derivedId(app, `${name}/${generation}/applied`), {
        app,
        generation,
        outcome,
      }),
    failed: (data) =>
      say('assignment_failed', derivedId(data.app, `${name}/${data.generation}/failed`), data),
    started: (record) => say('app_started', derivedId(record.nonce, 'started'), started(record, false)),
    adopted: (record, adoptionId) => say('app_started', adoptionId, started(record, true)),
    stopped: (nonce, data) => say('app_stopped', derivedId(nonce, 'stopped'), data),
    idled: (nonce, data) => say('app_idled', derivedId(nonce, 'stopped'), data),
    crashed: (nonce, data) => say('app_crashed', derivedId(nonce, 'crashed'), data),
    troubled(app, trouble) {
      const { generation, failures, failed_at, runner } = trouble;
      const at = retryAt(trouble);
      return say(
        'app_restart_changed',
        derivedId(app, `${name}/${generation}/failure/${runner ?? failed_at}`),
        {
          ...{ app, generation, status: restartStatus(trouble), failures },
          retry_at: at === null ? null : new Date(at).toISOString(),
        },
      );
    },
    untroubled: (app, generation, since) =>
      say('app_restart_changed', derivedId(app, `${name}/${generation}/untroubled/${since}`), {
        ...{ app, generation, status: 'running' satisfies RestartStatus, failures: 0, retry_at: null },
      }),
    purged: (data) => say('app_purged', derivedId(data.app, `${name}/purged/${data.purge_position}`), data),
    denied: (data) =>
      say('egress_denied', derivedId(data.app, `${name}/${data.generation}/denied/${data.entry}`), data),
  };
}
