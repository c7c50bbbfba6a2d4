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

/** Reads a position of the log given to an option. */
export function positionOption(flag: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw cliError('usage', {
      what: `${flag} ${text} cannot be used`,
      why: 'it must be the position of an event: a whole number of 0 or more',
      hint: `For example ${flag} 120; \`tabbify events\` shows positions beside the times.`,
    });
  };
}

/** Reads one of the words that an option takes. */
export function choiceOption(flag: string, choices: readonly string[]): (text: string) => string {
  return (text) => {
    if (choices.includes(text)) return text;
    throw cliError('usage', {
      what: `${flag} ${text} cannot be used`,
      why: `it must be one of ${choices.join(', ')}`,
      hint: `For example ${flag} ${choices[0]}.`,
    });
  };
}

/** Reads the number of an app's version given to an option. */
export function versionOption(flag: string): (text: string) => number {
  return (text) => {
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw cliError('usage', {
      what: `${flag} ${text} cannot be used`,
      why: 'versions are numbered 1, 2, 3 …',
      hint: `For example ${flag} 3; \`tabbify deployments <app>\` shows which were deployed.`,
    });
  };
}
