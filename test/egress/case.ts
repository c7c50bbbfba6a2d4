import { isIPv6 } from 'node:net';
import { EGRESS_ATTACKS, type EgressAttack, type Words } from '../../src/egress/testing/index.ts';
import type { Attempt } from './attempt.ts';
import { COMPONENT_FORMS } from './cases/component-forms.ts';
import { ENTRIES } from './cases/entries.ts';
import type { ComponentRequest } from './component-request.ts';

/** Where the attacks come from: apps in their boxes, and whoever holds the channel's socket. */
export type FaceName = 'worker' | 'component' | 'proxy';

/** What cannot be said there, and why. */
export interface Missing {
  readonly why: string;
}

/** What goes over a socket of the channel: words that are packets, and `answer`, which waits for the head of one. */
export type ProxyWords = readonly (string | Buffer | 'answer')[];

/** Puts the ports of a world into a text. */
export type Fill = (text: string) => string;

/** One attempt, in the form that each face has for it. */
export interface EgressCase extends Omit<EgressAttack, 'attempt'> {
  /** The entry of `http_allow_list` that the app's log names, everywhere or by face; none where nothing names a place. */
  readonly entry?: string | Partial<Record<FaceName, string>>;
  readonly worker: ((fill: Fill) => readonly Attempt[]) | Missing;
  readonly component: readonly ComponentRequest[] | Missing;
  readonly proxy: ((fill: Fill) => ProxyWords) | Missing;
  /** It leads to a place that is granted: what it says is looked at, and not where it goes. */
  readonly isSaid?: boolean;
}

/** Where an app's box has the socket of its channel. */
export const CHANNEL_PATH = '/run/tabbify/channel.sock';
const NO_BYTES: Missing = { why: 'a component has requests and no bytes of its own: the host writes them' };

/** The table of attacks on a channel, as apps can try them. */
export const TABLE: readonly EgressCase[] = Object.entries(EGRESS_ATTACKS).flatMap(([group, attacks]) =>
  attacks.map((attack) => fromTable({ ...attack, name: `${group}: ${attack.name}` })),
);

function fromTable({ attempt, ...attack }: EgressAttack): EgressCase {
  const entry = ENTRIES[attack.name];
  const rest = { ...attack, ...(entry !== undefined && { entry }) };
  switch (attempt.kind) {
    case 'dial':
      return { ...rest, ...dialling(attempt.host, attempt.port) };
    case 'speak':
      return {
        ...rest,
        isSaid: true,
        worker: (fill) => [
          {
            by: 'raw',
            host: attempt.host,
            port: Number(fill('{port}')),
            words: inBase64(attempt.words, fill),
          },
        ],
        component: COMPONENT_FORMS[attack.name] ?? NO_BYTES,
        proxy: (fill) => [connectTo(attempt.host, fill('{port}')), 'answer', ...packets(attempt.words, fill)],
      };
    case 'proxy':
      return {
        ...rest,
        worker: attack.isSlow
          ? { why: 'the socket waits 10 s for a head: the proxy that is tried has a shorter bound' }
          : (fill) => [{ by: 'raw', path: CHANNEL_PATH, words: inBase64(attempt.words, fill) }],
        component: { why: 'a component has no sockets' },
        proxy: (fill) => packets(attempt.words, fill),
      };
  }
}

/** The forms of a connection to a place, by whatever means there are. */
function dialling(host: string, port?: number): Pick<EgressCase, FaceName> {
  const at = port === undefined ? '{port}' : String(port);
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${at}`;
  return {
    worker: (fill) => {
      const to = { host, port: Number(fill(at)) };
      const place = fill(`${authority}/`);
      return [
        { by: 'raw', ...to, words: inBase64(['hello'], fill) },
        { by: 'tls', ...to, servername: 'allowed.example' },
        { by: 'http', url: `http://${place}` },
        { by: 'https', url: `https://${place}` },
        { by: 'fetch', url: `http://${place}` },
        { by: 'websocket', url: `ws://${place}` },
      ];
    },
    component: [{ authority }, { scheme: 'https', authority }, { method: 'POST', authority, body: 'body' }],
    proxy: (fill) => [connectTo(host, fill(at)), 'answer', 'hello'],
  };
}

function packets(words: Words, fill: Fill): Buffer[] {
  return words.flatMap((word) => {
    if (typeof word === 'string') return [Buffer.from(fill(word), 'latin1')];
    return Buffer.isBuffer(word) ? [word] : [...word.each].map((byte) => Buffer.from([byte]));
  });
}

function inBase64(words: Words, fill: Fill): string[] {
  return packets(words, fill).map((bytes) => bytes.toString('base64'));
}

export function connectTo(host: string, port: string): Buffer {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
}
