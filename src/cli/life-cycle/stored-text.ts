import type { StoredReply } from '../client/replies.ts';
import { printable } from '../terminal/style.ts';
import { sizeText } from '../terminal/table.ts';

/** `production on local, 1.4 MB`: what an app has stored on a host, for who is asked whether it may go. */
export function storedText({ supervisor, current, environments }: StoredReply['hosts'][number]): string {
  const host = printable(supervisor);
  const left = current ? '' : ', left behind';
  if (environments === null) return `what is on ${host}, which is away and removes it when it is back${left}`;
  if (environments.length === 0) return `nothing yet on ${host}`;
  return environments
    .map(({ environment, bytes }) => `${printable(environment)} on ${host}, ${sizeText(bytes)}${left}`)
    .join('; ');
}
