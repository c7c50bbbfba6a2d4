import type { AppReply } from '../client/replies.ts';
import { printable } from '../terminal/style.ts';

/** One line with the next command where something waits for a person; else none. */
export function waitingHints(apps: readonly Pick<AppReply, 'name' | 'approval'>[]): string[] {
  const waiting = apps.filter(({ approval }) => typeof approval === 'string');
  const [only] = waiting;
  if (only === undefined) return [];
  if (waiting.length === 1)
    return [`${printable(only.name)} waits for a yes: \`tabbify approvals show ${only.approval}\``];
  return [`${waiting.length} apps wait for a yes: \`tabbify approvals\``];
}
