import type { GrantedSecret } from './app-grant.ts';

type Granted = Pick<GrantedSecret, 'name' | 'env_var'>;

/** Would an app be given the same values under the same names? Whether it could do without one makes no difference to it. */
export function sameGrantSecrets(one: readonly Granted[], other: readonly Granted[]): boolean {
  return lacks(one, other) === false && lacks(other, one) === false;
}

/** Was an app given a value once that it is not granted any more? */
export function hasLostSecret(before: readonly Granted[], now: readonly Granted[]): boolean {
  return before.some(({ name }) => now.every((each) => each.name !== name));
}

function lacks(one: readonly Granted[], other: readonly Granted[]): boolean {
  return other.some(
    ({ name, env_var }) => !one.some((each) => each.name === name && each.env_var === env_var),
  );
}
