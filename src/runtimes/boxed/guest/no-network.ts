import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Functions = Record<string, unknown>;

/**
 * Has what needs a network of its own fail at once with a text that says what to do instead: looking names up, and UDP. The box
 * has none, so that it would fail anyway, after a while and with a riddle.
 */
export function refuseNamesAndDatagrams(): void {
  for (const place of [dns, dns.Resolver.prototype]) refuseIn(place as unknown as Functions, byCallback);
  for (const place of [dns.promises, dns.promises.Resolver.prototype]) {
    refuseIn(place as unknown as Functions, byPromise);
  }
  dgram.createSocket = () => {
    const text = 'an app has no UDP: what it reaches, it reaches by TCP';
    throw Object.assign(new Error(`createSocket EAFNOSUPPORT: ${text}`), { code: 'EAFNOSUPPORT' });
  };
  syncBuiltinESMExports();
}

function refuseIn(place: Functions, refusing: (name: string, original: AnyFunction) => AnyFunction): void {
  for (const name of Object.getOwnPropertyNames(place)) {
    const original = place[name];
    if (/^(lookup|resolve|reverse)/.test(name) && typeof original === 'function') {
      place[name] = refusing(name, original as AnyFunction);
    }
  }
}

function byCallback(name: string, original: AnyFunction): AnyFunction {
  return function refused(...args) {
    const callback = args.at(-1);
    if (isAddressLookup(name, args) || typeof callback !== 'function') return original.apply(this, args);
    process.nextTick(callback as AnyFunction, lookupError(name, args[0]));
    return undefined;
  };
}

function byPromise(name: string, original: AnyFunction): AnyFunction {
  return function refused(...args) {
    if (isAddressLookup(name, args)) return original.apply(this, args);
    return Promise.reject(lookupError(name, args[0]));
  };
}

/** Of an address there is nothing to look up; programs ask nevertheless. */
function isAddressLookup(name: string, [host]: readonly unknown[]): boolean {
  return name === 'lookup' && typeof host === 'string' && isIP(host) !== 0;
}

function lookupError(name: string, host: unknown): Error {
  const error = new Error(
    `${name} ENOTSUP ${String(host)}: names are resolved outside the app; connect to the name as it is`,
  );
  return Object.assign(error, { code: 'ENOTSUP', syscall: name, hostname: host });
}
