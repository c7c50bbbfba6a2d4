import { cliError } from '../errors.ts';

/** Reads the number of a version from the command line: `3` or `v3`. @throws `usage` */
export function versionNumber(text: string): number {
  const [, number] = /^v?([1-9]\d{0,8})$/.exec(text) ?? [];
  if (number !== undefined) return Number(number);
  throw cliError('usage', {
    what: `${JSON.stringify(text)} is no version`,
    why: 'versions are numbered 1, 2, 3 …',
    hint: '`tabbify versions <app>` shows them.',
  });
}
