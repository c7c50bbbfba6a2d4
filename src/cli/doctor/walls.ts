import { runtimeLine } from '../hosts/runtime-line.ts';
import { type Check, fine, problemFound } from './check.ts';

/** What each host holds its apps to: a limit that is not enforced there is no fault, but nobody should be surprised by it. */
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
    return present.flatMap(({ name, runtimes }) =>
      runtimes.length === 0
        ? [fine('Walls', `${name} is of a version that does not say`)]
        : runtimes.map((runtime) => fine('Walls', `${runtimeLine(runtime)}, on ${name}`)),
    );
  },
};
