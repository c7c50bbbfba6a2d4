import { GuestTrap } from '../guest-trap.ts';

/**
 * An interface in which every member that is not offered is a function that ends the guest, naming itself. This is what
 * makes the import object deny by default: nothing it does not know ever reaches the host.
 *
 * @param name of the interface, e.g. `wasi:filesystem/types`
 */
export function denyingRest(name: string, offered: object): object {
  return new Proxy(Object.assign(Object.create(null) as object, offered), {
    get(target, member) {
      if (typeof member === 'symbol') return undefined;
      if (Object.hasOwn(target, member)) return Reflect.get(target, member);
      return isResource(member) ? deniedResource(name, member) : deniedFunction(name, member);
    },
  });
}

/** The glue names resources in UpperCamelCase, functions in lowerCamelCase. */
function isResource(member: string): boolean {
  return /^[A-Z]/.test(member);
}

function deniedFunction(name: string, member: string): () => never {
  return () => {
    throw new GuestTrap('import_denied', `${name}#${member} is not offered here`);
  };
}

/** A class that cannot be constructed and whose every method is denied, static ones too. */
function deniedResource(name: string, resource: string): object {
  const deny = deniedFunction(name, resource);
  const prototype = new Proxy(Object.create(null) as object, {
    get: (_, member) =>
      typeof member === 'symbol' ? undefined : deniedFunction(name, `${resource}.${member}`),
  });
  return new Proxy(function denied() {}, {
    construct: deny,
    apply: deny,
    get(_, member) {
      if (member === 'prototype') return prototype;
      if (typeof member === 'symbol') return member === Symbol.hasInstance ? () => false : undefined;
      return deniedFunction(name, `${resource}.${member}`);
    },
  });
}
