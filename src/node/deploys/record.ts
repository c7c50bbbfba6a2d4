import { type Clock, derivedId } from '../../kit/index.ts';
import { type DomainEvents, type DomainEventType, domainEvent } from '../../state/index.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import type { LiveState } from '../live-state.ts';

/** What it takes to say in the log how a deployment goes. */
export interface RecordTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly clock: Clock;
  /** For tests: called before and after everything that is waited for, and may cut the run off there by throwing. */
  readonly hook?: DeployHook;
}

/** @param point `before …` or `after …` an event type or a piece of work */
export type DeployHook = (point: string) => void | Promise<void>;

/**
 * Appends a step of a deployment. Its id follows from the deployment's, so that a step that is taken again after a crash
 * is in the log once.
 *
 * @param name tells this step from others of the deployment; default: the type
 */
export async function recordStep<Type extends DomainEventType>(
  { live, commands, clock, hook }: RecordTools,
  deployment: string,
  type: Type,
  data: DomainEvents[Type] & { readonly app: string },
  name: string = type,
): Promise<void> {
  await hook?.(`before ${name}`);
  const context = {
    actor: 'system',
    source: '/node',
    office: live.office.apps.get(data.app)?.office ?? '',
    id: derivedId(deployment, name),
    correlationid: deployment,
    clock,
  };
  await commands.append(domainEvent(type, data, context));
  await hook?.(`after ${name}`);
}
