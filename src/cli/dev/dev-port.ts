import { cliError } from '../errors.ts';

/** A TCP port; 0: one of the system's choice. @throws TabbifyError `usage` */
export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw cliError('usage', {
    what: `${JSON.stringify(text)} is no port`,
    why: 'a port is a number from 0 to 65535',
    hint: 'Name one such as `--port 8787`; 0 takes any that is free.',
  });
}
