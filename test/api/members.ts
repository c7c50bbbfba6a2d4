import type { Entry } from './entry.ts';
import { hostsStatus, statusFor } from './expected.ts';
import { HOST_ASKER } from './host.ts';
import { WHO } from './office.ts';
import type { Operation } from './operation.ts';
import { type Answer, send } from './shot.ts';
import type { World } from './world.ts';

/** What is wrong with what the office's own people and programs may do; empty when nothing is. */
export async function memberFailures(world: World, operation: Operation, entry: Entry): Promise<string[]> {
  const { url, a, host, otherHost, machine } = world;
  const failures: string[] = [];
  const look = (who: string, answer: Answer, status: number) => {
    if (answer.status !== status)
      failures.push(`${who} is answered ${answer.status} instead of ${status}: ${answer.text}`);
    if (answer.status >= 400 && !/"hint":"/.test(answer.text))
      failures.push(`${who} is refused without a hint: ${answer.text}`);
  };
  for (const who of WHO) {
    const shot = await entry.call(world, a);
    look(who, await send(url, operation, shot, a.tokens[who], { asker: a }), statusFor(entry, a, who));
  }
  const whole = entry.allowed === 'machine';
  const headers = whole ? {} : { 'tabbify-office': a.slug };
  const byMachine = await send(url, operation, await entry.call(world, a), machine, { asker: a, headers });
  look('the machine’s owner', byMachine, entry.allowed === 'host' ? 403 : entry.status);
  for (const each of [host, otherHost]) {
    const shot = await entry.call(world, a);
    const answer = await send(url, operation, shot, each.token, { asker: HOST_ASKER });
    look(`the host ${each.name}`, answer, hostsStatus(entry, each === host));
  }
  return failures;
}
