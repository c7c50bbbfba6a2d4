import { isIP } from 'node:net';
import type { Resolve } from './connect.ts';
import { egressError } from './errors.ts';

/**
 * Looks up no more names at once than that many: a lookup that was given up goes on in the system, which knows no way to end it.
 *
 * @throws TabbifyError `egress_busy`
 */
export function boundedLookups(resolve: Resolve, most: number): Resolve {
  let underWay = 0;
  return async (name) => {
    if (isIP(name) !== 0) return resolve(name);
    if (underWay >= most) throw busy(name, most);
    underWay++;
    try {
      return await resolve(name);
    } finally {
      underWay--;
    }
  };
}

function busy(name: string, most: number) {
  return egressError('egress_busy', {
    what: `${name} was not reached`,
    why: `${most} names that the app asked for are still being looked up`,
    hint: 'See whether the name servers of this machine answer, and try again in a moment',
  });
}
