import { clientHello, type HelloParts } from '../client-hello.ts';
import { ALLOWED, AT_LOOPBACK, type EgressAttack, type Words } from './attack.ts';

const speaking = (entry: string, name: string, ...words: Words): EgressAttack => ({
  name,
  granted: [entry, '127.0.0.1:{port}'],
  addresses: AT_LOOPBACK,
  attempt: { kind: 'speak', host: ALLOWED, words },
});
const https = (name: string, ...words: Words) => speaking(`https://${ALLOWED}:{port}`, name, ...words);
const hello = (name: string, parts: HelloParts) => https(name, clientHello(parts));
const OTHER: HelloParts = { names: ['other.example'] };

/** What is said where TLS to that very name is granted, or where it is recognised. */
export const TLS_ATTACKS: readonly EgressAttack[] = [
  hello('another server name', OTHER),
  hello('no server name', {}),
  hello('an empty list of server names', { names: [] }),
  hello('the granted server name and another one', { names: [ALLOWED, 'other.example'] }),
  hello('server names twice', { names: [ALLOWED], namesAgain: ['other.example'] }),
  hello('a server name below the granted one', { names: [`other.${ALLOWED}`] }),
  hello('the granted server name in front of a NUL', { names: [`${ALLOWED}\0.other.example`] }),
  hello('the granted server name with a dot at its end', { names: [`${ALLOWED}.`] }),
  hello('the address as the server name', { names: ['127.0.0.1'] }),
  hello('an encrypted server name behind the granted one', { names: [ALLOWED], ech: true }),
  hello('an encrypted server name behind another one', { names: ['cdn.example'], ech: true }),
  hello('another server name in many records', { ...OTHER, recordBytes: 3 }),
  https('another server name byte by byte', { each: clientHello(OTHER) }),
  https('another server name behind an empty record', Buffer.from([22, 3, 1, 0, 0]), clientHello(OTHER)),
  https(
    'another server name behind a change of ciphers',
    Buffer.from([20, 3, 3, 0, 1, 1]),
    clientHello(OTHER),
  ),
  https('another server name behind an alert', Buffer.from([21, 3, 3, 0, 2, 1, 0]), clientHello(OTHER)),
  hello('another message of the handshake', { names: [ALLOWED], type: 11 }),
  hello('a ClientHello without an end', { names: [ALLOWED], padding: 60_000, recordBytes: 1_000 }),
  https('a ClientHello with a second one in its record', twoInOneRecord()),
  https('a ClientHello whose lengths do not come out', broken()),
  https('a ClientHello of SSL 2', Buffer.from('802e0103010015000000100100800300800700c0', 'hex')),
  https('plain HTTP', `GET / HTTP/1.1\r\nhost: ${ALLOWED}:{port}\r\n\r\n`),
  https('the preface of HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  https('something else', 'SSH-2.0-x\r\n'),
  { ...https('half a ClientHello', clientHello({ names: [ALLOWED] }).subarray(0, 40)), isSlow: true },
  { ...https('one byte of a ClientHello', Buffer.from([22])), isSlow: true },
  {
    name: 'a server name where an address is granted',
    granted: ['https://127.0.0.1:{port}'],
    attempt: { kind: 'speak', host: '127.0.0.1', words: [clientHello({ names: [ALLOWED] })] },
  },
  speaking(`${ALLOWED}:{port}`, 'another server name where no scheme is granted', clientHello(OTHER)),
  speaking(`${ALLOWED}:{port}`, 'no server name where no scheme is granted', clientHello({})),
  speaking(`http://${ALLOWED}:{port}`, 'TLS where plain HTTP is granted', clientHello({ names: [ALLOWED] })),
];

function twoInOneRecord(): Buffer {
  const first = clientHello({ names: [ALLOWED] }).subarray(5);
  const both = Buffer.concat([first, clientHello(OTHER).subarray(5)]);
  return Buffer.concat([Buffer.from([22, 3, 1, both.length >> 8, both.length & 0xff]), both]);
}

function broken(): Buffer {
  const bytes = clientHello({ names: [ALLOWED] });
  bytes[5 + 4 + 2 + 32] = 200; // length of the session id
  return bytes;
}
