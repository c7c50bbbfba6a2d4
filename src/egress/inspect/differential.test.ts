import { createServer } from 'node:http';
import { duplexPair } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EGRESS_LIMITS } from '../limits.ts';
import { LENIENCIES, type Leniency, readLeniently } from '../testing/lenient-reader.ts';
import { inspectionOf } from './first-words.ts';
import { Refusal } from './inspection.ts';

const TO = { host: 'allowed.example', port: 80 };
const OTHER = 'GET /other HTTP/1.1\r\nHost: other.example\r\n\r\n';
const STRICT = Object.fromEntries(LENIENCIES.map((each) => [each, false])) as unknown as Leniency;

/** Mostly the first, now and then one of the others. */
function mostly<Value>(first: Value, ...others: Value[]) {
  return fc.oneof(
    { arbitrary: fc.constant(first), weight: 16 },
    { arbitrary: fc.constantFrom(...others), weight: 1 },
  );
}

const lineEnd = mostly('\r\n', '\n', '\r', '\r\r\n', '\n\r\n', '\0\r\n', '\r\n\r\n', '\r\n\t', '');
const requestLine = mostly(
  'GET / HTTP/1.1',
  ...['POST /p HTTP/1.1', 'OPTIONS * HTTP/1.1', 'CONNECT / HTTP/1.1', 'CONNECT other.example:80 HTTP/1.1'],
  ...['GET  / HTTP/1.1', 'GET\t/ HTTP/1.1', 'GET /\tHTTP/1.1', 'GET / HTTP/1.1 ', 'GET / HTTP/1.0', 'GET /'],
  ...['GET http://other.example/ HTTP/1.1', 'GET //other.example/ HTTP/1.1', 'GET other.example HTTP/1.1'],
  ...['GET / http/1.1', 'GET / HTTP/1.10', 'GET / HTTP/2.0', 'PRI * HTTP/2.0', 'GET /a b HTTP/1.1', ''],
);
const host = mostly(
  'Host: allowed.example',
  ...[
    'host:allowed.example:80',
    'HOST:\tALLOWED.example \t',
    'Host: allowed.example.',
    'Host: other.example',
  ],
  ...[
    'Host : other.example',
    ' Host: other.example',
    'Host: allowed.example, other.example',
    'Host:',
    'x: y',
  ],
  ...[
    'Host: allowed.example@other.example',
    'Host: allowed.example\0other.example',
    'Host: al\xadlowed.example',
  ],
);
const field = fc.constantFrom(
  ...['x: y', 'Connection: keep-alive', 'Host: other.example', ' Host: other.example', '\tfolded: x'],
  ...[
    'Content-Length: 4',
    'Content-Length: 04',
    'Content-Length: +4',
    'Content-Length: 4, 4',
    'Content-Length: 0',
  ],
  ...[
    'Content-Length: 43',
    'Content-Length : 43',
    'Content-Length: 4x',
    'Content-Length: -1',
    'Content-Length: 0x4',
  ],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', 'transfer-encoding:\tCHUNKED '],
  ...['Transfer-Encoding: identity', 'Transfer-Encoding: xchunked', 'Transfer-Encoding : chunked'],
  ...[
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding: \x0bchunked',
  ],
  ...['Upgrade: h2c', 'Upgrade: websocket', 'Expect: 100-continue', 'Trailer: Host', 'x\x00: y', ': y', 'x'],
  ...['x: y\rHost: other.example', 'x: y\nHost: other.example', 'x: y\x85Host: other.example'],
);
const chunk = mostly(
  '4\r\nbody\r\n',
  ...[
    `${OTHER.length.toString(16)}\r\n${OTHER}\r\n`,
    '0004\r\nbody\r\n',
    '4;x=y\r\nbody\r\n',
    '4 \r\nbody\r\n',
  ],
  ...[
    '4\nbody\n',
    '0x4\r\nbody\r\n',
    '-4\r\n',
    '4\r\nbodymore\r\n',
    '4\r\nbody',
    '\r\n',
    '4;\nx\r\nbody\r\n',
  ],
  ...['10000000000000004\r\nbody\r\n', '4\r\nbody\r\r\n', `4;${OTHER}\r\nbody\r\n`],
);
const lastChunk = mostly(
  '0\r\n\r\n',
  ...[
    `0\r\n${OTHER}`,
    '0\r\nx: y\r\n\r\n',
    '0\r\nHost: other.example\r\n\r\n',
    '0\r\n x\r\n\r\n',
    '0\n\n',
    '0\r\nx\r\n\r\n',
  ],
  ...[
    '0\r\nContent-Length: 9\r\n\r\n',
    `0\r\nx: y\r\n${OTHER}`,
    `0\r\n\n${OTHER}`,
    `0\n${OTHER}`,
    '',
    `00\r\n\r\n`,
  ],
);
const chunked = fc
  .tuple(
    mostly(
      'Transfer-Encoding: chunked',
      'transfer-encoding:\tCHUNKED ',
      'Transfer-Encoding: xchunked',
      'x: y',
    ),
    fc.array(chunk, { maxLength: 2 }),
    lastChunk,
  )
  .map(([coding, chunks, last]) => ({ framing: [coding], body: chunks.join('') + last }));
const ofLength = fc
  .tuple(fc.constantFrom('', 'body', OTHER), mostly('', '+', '0', '0x', '-', '4, '), mostly(0, 1, -1, 40))
  .map(([body, sign, error]) => ({ framing: [`Content-Length: ${sign}${body.length + error}`], body }));
const anyBody = fc.oneof(
  chunked,
  ofLength,
  fc
    .tuple(chunked, ofLength)
    .map(([one, other]) => ({ ...one, framing: [...one.framing, ...other.framing] })),
  fc.constant({ framing: [], body: '' }),
  fc.constantFrom('body', OTHER).map((body) => ({ framing: [], body })),
);
const fields = fc.oneof(
  { arbitrary: fc.constant([]), weight: 6 },
  { arbitrary: fc.array(fc.tuple(field, lineEnd), { maxLength: 2 }), weight: 1 },
);
const message = fc
  .tuple(requestLine, lineEnd, host, lineEnd, fields, lineEnd, lineEnd, anyBody)
  .map(([first, end, host, hostEnd, others, framingEnd, over, { framing, body }]) =>
    [
      first,
      end,
      host,
      hostEnd,
      ...others.flat(),
      ...framing.flatMap((each) => [each, framingEnd]),
      over,
      body,
    ].join(''),
  );
const said = fc.array(fc.oneof({ arbitrary: message, weight: 6 }, fc.constant(OTHER)), {
  minLength: 1,
  maxLength: 4,
});
const cuts = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 6 });
const leniency = fc.record(
  Object.fromEntries(LENIENCIES.map((each) => [each, fc.boolean()])),
) as fc.Arbitrary<Leniency>;

/** What of it leaves. */
function passed(words: Buffer, at: readonly number[]): string {
  const inspection = inspectionOf(new Set(['http'] as const), TO, EGRESS_LIMITS);
  const out: Buffer[] = [];
  const places = [...at, 0, words.length].filter((each) => each <= words.length).sort((a, b) => a - b);
  try {
    for (const [index, place] of places.entries())
      out.push(...inspection.said(words.subarray(place, places[index + 1] ?? words.length)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return Buffer.concat(out).toString('latin1');
}

/** What a server of node sees of it. */
async function readByNode(text: string): Promise<string[]> {
  const seen: string[] = [];
  const server = createServer({ requireHostHeader: false, insecureHTTPParser: true }, (request, response) => {
    request.resume().on('end', () => seen.push(`${request.method} ${request.url} ${request.headers.host}`));
    response.end();
  });
  server.on('clientError', (_, socket) => socket.destroy());
  const [client, end] = duplexPair();
  end.on('error', () => {});
  server.emit('connection', end);
  client.resume().on('error', () => {});
  client.end(text, 'latin1');
  await new Promise((resolve) => end.once('close', resolve));
  return seen;
}

test('what leaves are requests to the granted host, however a server reads them', async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(
      said,
      cuts,
      fc.array(leniency, { minLength: 4, maxLength: 8 }),
      async (parts, at, kinds) => {
        const out = passed(Buffer.from(parts.join(''), 'latin1'), at);
        const meant = readLeniently(out, STRICT);
        most = Math.max(most, meant.length);
        for (const each of meant) expect(each).toMatch(/ allowed\.example(:80)?$/i);
        const all = [...kinds, ...LENIENCIES.map((each) => ({ ...STRICT, [each]: true }))];
        const read = [...all.map((kind) => readLeniently(out, kind)), await readByNode(out)];
        // A server may stop before the end, and may see nothing else.
        for (const [index, seen] of read.entries())
          expect({ out, by: all[index] ?? 'node', seen }).toEqual({
            ...{ out, by: all[index] ?? 'node' },
            seen: meant.slice(0, seen.length),
          });
      },
    ),
    { numRuns: 2_000 },
  );
  expect(most).toBeGreaterThan(2); // it is not that nothing leaves
}, 20_000);
