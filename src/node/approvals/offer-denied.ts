import { describeCapability } from '../../app/index.ts';
import { decisionHash } from '../../approvals/index.ts';
import { derivedId, type Logger, messageOf } from '../../kit/index.ts';
import { type AppState, domainEvent, grantedNow, isGranted, type OfficeState } from '../../state/index.ts';
import type { DecisionTools } from '../commands/decide-approval.ts';

/** Of one app; one that tries every host there is gets no further. */
const MAX_OPEN = 20;

/**
 * Makes of what a running app was denied a question that a person answers with one word (DESIGN: never a dead end). What a person has
 * denied is not asked again while the same version is in place.
 */
export function startOffering(tools: DecisionTools & { readonly logger: Logger }): {
  close(): Promise<void>;
} {
  const { live, commands, clock, policyOf, logger } = tools;
  let last = Promise.resolve();

  function offer(uuid: string, entry: string, cause: string): Promise<void> {
    return commands.run(async () => {
      const app = live.office.apps.get(uuid);
      const capability = `http:${entry}`;
      if (app === undefined || !isWorthAsking(live.office, app, capability)) return;
      const { persons, expiresMs } = policyOf(app.office);
      const id = derivedId(cause, 'capability');
      const context = { actor: 'system', source: '/node', office: app.office, id, causationid: cause, clock };
      const version = live.office.deployments.get(app.inPlace ?? '')?.version ?? null;
      const data = {
        ...{
          approval_id: id,
          kind: 'capability' as const,
          app: uuid,
          version,
          deployment_id: null,
          digest: null,
        },
        ...{
          command: null,
          added: [capability],
          widened: [],
          removed: [],
          doubts: [],
          policy: null,
          persons,
        },
        difference: decisionHash({ approval: id, app: uuid, added: [capability] }),
        reasons: ['the running app was denied it'],
        requested_by: `app:${uuid}`,
        expires_at: new Date(clock.now() + expiresMs).toISOString(),
      };
      await commands.append(domainEvent('approval_requested', data, context));
    });
  }

  const stop = live.onEvent(({ type, id, data }) => {
    if (type !== 'egress_denied') return;
    // told by a host that has the app, or the fold has not taken it up
    if (!live.office.apps.get(String(data.app))?.deniedHosts.has(String(data.entry))) return;
    last = offer(String(data.app), String(data.entry), id).catch((error: unknown) => {
      logger.warn(
        { err: error, app: data.app },
        `what an app was denied is offered to nobody: ${messageOf(error)}`,
      );
    });
  });
  return {
    async close() {
      stop();
      await last;
    },
  };
}

function isWorthAsking(office: OfficeState, app: AppState, capability: string): boolean {
  // a line that no manifest may hold, e.g. of another version of the platform
  if (describeCapability(capability).manifestLine === null) return false;
  if (isGranted(grantedNow(office, app, app.inPlace), capability)) return false;
  const version = office.deployments.get(app.inPlace ?? '')?.version ?? null;
  const before = [...office.approvals.values()].filter(
    (each) => each.app === app.uuid && each.kind === 'capability',
  );
  const isAnswered = before.some(
    (each) =>
      each.added.includes(capability) &&
      (each.status === 'open' || (each.status === 'denied' && each.version === version)),
  );
  return !isAnswered && before.filter(({ status }) => status === 'open').length < MAX_OPEN;
}
