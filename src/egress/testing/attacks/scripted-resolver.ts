import { isIP } from 'node:net';
import type { Resolve } from '../../connect.ts';
import type { EgressAttack } from './attack.ts';

/** A resolver that says of names what an attack has it say, one lookup after the other. */
export function scriptedResolver(addresses: NonNullable<EgressAttack['addresses']> = {}): Resolve {
  const lookups = new Map<string, number>();
  return async (name) => {
    if (isIP(name) !== 0) return [name];
    const answers = addresses[name] ?? [];
    const turn = lookups.get(name) ?? 0;
    lookups.set(name, turn + 1);
    const answer = answers[Math.min(turn, answers.length - 1)];
    if (answer === undefined) throw new Error(`no address for ${name}`);
    return answer;
  };
}
