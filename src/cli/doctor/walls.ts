import type { RuntimeReply } from '../client/replies.ts';
import { lackLine, refusedLine, runtimeLine } from '../hosts/runtime-line.ts';
import { type Check, type Finding, fine, notedAs, problemFound } from './check.ts';

/**
 * What each host holds its apps to, and what it cannot run: a limit that is not enforced there is no fault, nor is a runtime in
 * whose place another stands, but nobody should be surprised by it.
 */
export const walls: Check = {
  name: 'Walls',
  async look(context) {
    const client = await context.client();
    if (!(await client.healthy(AbortSignal.timeout(5000))))
      return fine('Walls', 'the hosts say when the office is open');
    const present = (await client.supervisors()).filter(({ state }) => state === 'present');
    if (present.length === 0) {
      return problemFound(
        'Walls',
        'no host is there, so no app can run',
        'Start one: `tabbify up`, or `tabbify supervisor` on another machine.',
      );
    }
    return present.flatMap(({ name, runtimes, refused }) => [
      ...(runtimes.length + refused.length === 0
        ? [fine('Walls', `${name} is of a version that does not say`)]
        : runtimes.flatMap((runtime) => [
            fine('Walls', `${runtimeLine(runtime)}, on ${name}`),
            ...lacking(runtime, name),
          ])),
      ...refused.map((each) => notedAs('Walls', refusedLine(each, name), each.hint)),
    ]);
  },
};

function lacking(runtime: RuntimeReply, host: string): Finding[] {
  const line = lackLine(runtime, host);
  return line === null ? [] : [notedAs('Walls', line, runtime.lack?.hint ?? '')];
}
