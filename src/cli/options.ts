import { cliError } from './errors.ts';

/** Reads a whole number ≥ 0 given to an option; anything else is wrong usage. */
export function countOption(flag: string, max = 1_000_000): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d{1,7}$/.test(text) && count <= max) return count;
    throw cliError('usage', {
      what: `${flag} ${text} cannot be used`,
      why: `it must be a whole number from 0 to ${max}`,
      hint: `For example ${flag} 100.`,
    });
  };
}
