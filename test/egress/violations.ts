import type { EgressCase } from './case.ts';
import type { World } from './world.ts';

/** What has reached a canary that must not, in words. */
export function violations({ granted, mayReach, heard = '', isSaid }: EgressCase, world: World): string[] {
  const { fill, canaries } = world;
  const isGranted = granted.some((entry) => fill(entry) === fill('127.0.0.1:{port}'));
  const mayHear = fill(heard);
  return [...canaries.heard()].flatMap(([name, { connections, text }]) => {
    if (name === mayReach) return [];
    const isPlace = name === '127.0.0.1' && isSaid === true && (isGranted || connections === 0);
    const found: string[] = [];
    if (connections > 0 && !(isPlace || (name === '127.0.0.1' && isSaid)))
      found.push(`${name} got ${connections} connections`);
    if (text !== '' && !(isPlace && mayHear.startsWith(text)))
      found.push(`${name} heard ${JSON.stringify(text.slice(0, 200))}`);
    return found;
  });
}
