import type { Guest } from '../guest.ts';

/** What nothing but the code of an app asks for, and a component cannot have while it is made. */
const INTERFACES = /^wasi:(?:random\/[a-z-]+|http\/outgoing-handler)(?:@|$)/;

type Members = Readonly<Record<string, unknown>>;

/**
 * Imports of an engine that loads an app: as long as it does, those end it that a build does not have either. So what an app does then
 * does not depend on where it is loaded.
 */
export function notWhileLoading(
  imports: Readonly<Record<string, object>>,
  guest: Guest,
): Readonly<Record<string, object>> {
  return new Proxy(imports, {
    get(target, name) {
      const members = Reflect.get(target, name) as Members | undefined;
      if (typeof name === 'symbol' || members === undefined || !INTERFACES.test(name)) return members;
      return guardedMembers(name, members, guest);
    },
  });
}

function guardedMembers(name: string, members: Members, guest: Guest): Members {
  return new Proxy(members, {
    get(target, member) {
      const value = Reflect.get(target, member) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (!guest.isLoading) return value(...args);
        throw guest.trap('import_denied', `it called ${name}, which is not there at build time`);
      };
    },
  });
}
