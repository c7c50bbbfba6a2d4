import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { AttackCode } from '../attack.ts';
import { until } from '../descendants.ts';
import type { AttackedRunner } from '../inside/runner.ts';
import type { Drama, Scene } from '../scene.ts';

/** Bytes that an app answers a request with. */
interface RawAnswer {
  readonly name: string;
  readonly answer: string;
  /** What becomes of the connection. */
  readonly after: 'open' | 'close' | 'break';
}

const SMUGGLED = 'HTTP/1.1 200 OK\r\nX-Smuggled: yes\r\nContent-Length: 8\r\n\r\nSMUGGLED';
const ok = (headers: string, body: string) => `HTTP/1.1 200 OK\r\n${headers}\r\n${body}`;

const ANSWERS: readonly RawAnswer[] = [
  { name: 'two answers', after: 'open', answer: ok('Content-Length: 2\r\n', 'hi') + SMUGGLED },
  { name: 'more than it announces', after: 'open', answer: ok('Content-Length: 2\r\n', `hi${SMUGGLED}`) },
  { name: 'less than it announces', after: 'close', answer: ok('Content-Length: 200\r\n', 'hi') },
  {
    name: 'two lengths',
    after: 'open',
    answer: ok('Content-Length: 2\r\nContent-Length: 90\r\n', `hi${SMUGGLED}`),
  },
  { name: 'a list of lengths', after: 'open', answer: ok('Content-Length: 2, 90\r\n', `hi${SMUGGLED}`) },
  { name: 'a negative length', after: 'open', answer: ok('Content-Length: -1\r\n', `hi${SMUGGLED}`) },
  { name: 'a length with a sign', after: 'open', answer: ok('Content-Length: +2\r\n', `hi${SMUGGLED}`) },
  { name: 'a length in hex', after: 'open', answer: ok('Content-Length: 0x2\r\n', `hi${SMUGGLED}`) },
  {
    name: 'a length past counting',
    after: 'close',
    answer: ok(`Content-Length: ${'9'.repeat(40)}\r\n`, 'hi'),
  },
  {
    name: 'length and chunks',
    after: 'open',
    answer: ok('Content-Length: 200\r\nTransfer-Encoding: chunked\r\n', `2\r\nhi\r\n0\r\n\r\n${SMUGGLED}`),
  },
  {
    name: 'chunks by another name',
    after: 'open',
    answer: ok('Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n', `hi${SMUGGLED}`),
  },
  {
    name: 'chunks with extensions',
    after: 'open',
    answer: ok('Transfer-Encoding: chunked\r\n', `2;a=${'b'.repeat(20_000)}\r\nhi\r\n0\r\n\r\n${SMUGGLED}`),
  },
  {
    name: 'chunks of a size past counting',
    after: 'open',
    answer: ok('Transfer-Encoding: chunked\r\n', `${'f'.repeat(17)}\r\nhi\r\n0\r\n\r\n`),
  },
  { name: 'chunks that break off', after: 'close', answer: ok('Transfer-Encoding: chunked\r\n', 'ff\r\nhi') },
  {
    name: 'trailers that are headers',
    after: 'open',
    answer: ok(
      'Transfer-Encoding: chunked\r\nTrailer: content-length\r\n',
      '2\r\nhi\r\n0\r\nContent-Length: 90\r\nX-Smuggled: yes\r\nTransfer-Encoding: chunked\r\n\r\n',
    ),
  },
  { name: 'a bare line feed', after: 'open', answer: `HTTP/1.1 200 OK\nContent-Length: 2\n\nhi${SMUGGLED}` },
  {
    name: 'a header folded over lines',
    after: 'open',
    answer: ok('X-A: b\r\n Content-Length: 90\r\nContent-Length: 2\r\n', 'hi'),
  },
  { name: 'zero bytes in a header', after: 'open', answer: ok('X-A: b\0c\r\nContent-Length: 2\r\n', 'hi') },
  { name: 'a space before the colon', after: 'open', answer: ok('Content-Length : 2\r\n', `hi${SMUGGLED}`) },
  {
    name: 'a huge head',
    after: 'open',
    answer: ok(`X-A: ${'a'.repeat(300_000)}\r\nContent-Length: 2\r\n`, 'hi'),
  },
  {
    name: 'thousands of headers',
    after: 'open',
    answer: ok(`${'X-A: b\r\n'.repeat(20_000)}Content-Length: 2\r\n`, 'hi'),
  },
  {
    name: 'a flood of interim answers',
    after: 'open',
    answer: 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20_000) + ok('Content-Length: 2\r\n', 'hi'),
  },
  {
    name: 'early hints with a body',
    after: 'open',
    answer: `HTTP/1.1 103 Early Hints\r\nContent-Length: 8\r\n\r\nSMUGGLED${ok('Content-Length: 2\r\n', 'hi')}`,
  },
  {
    name: 'another protocol that nobody asked for',
    after: 'open',
    answer: `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n${SMUGGLED}`,
  },
  {
    name: 'a body where none may be',
    after: 'open',
    answer: `HTTP/1.1 204 No Content\r\nContent-Length: 90\r\n\r\n${SMUGGLED}`,
  },
  { name: 'not changed, with a body', after: 'open', answer: `HTTP/1.1 304 Not Modified\r\n\r\n${SMUGGLED}` },
  { name: 'a status past all', after: 'open', answer: 'HTTP/1.1 99999 Odd\r\nContent-Length: 0\r\n\r\n' },
  { name: 'a status of nought', after: 'open', answer: 'HTTP/1.1 000 Odd\r\nContent-Length: 0\r\n\r\n' },
  { name: 'an older HTTP', after: 'open', answer: `HTTP/0.9 200 OK\r\n\r\n${SMUGGLED}` },
  { name: 'no HTTP at all', after: 'open', answer: '\0\x01\x02\r\n\r\n'.repeat(1_000) },
  { name: 'nothing, and the connection ends', after: 'close', answer: '' },
  { name: 'half a head, and the connection breaks', after: 'break', answer: 'HTTP/1.1 200 OK\r\nContent-Le' },
  {
    name: 'headers of the platform',
    after: 'open',
    answer: ok('Tabbify-Runner-Key: x\r\nConnection: content-length\r\nContent-Length: 2\r\n', 'hi'),
  },
];

/** Milliseconds that a visitor of a broken answer waits. */
const PATIENCE_MS = 1_500;

/** Answers that are none: whatever the app sends, the next visitor gets what is meant for him, and the runner lives. */
export const protocolDramas: readonly Drama[] = [
  { name: `answers with ${ANSWERS.length} kinds of bytes that are no answer`, play: answerOddly },
  { name: 'answers although nobody asked', play: answerUnasked },
  { name: 'takes requests with bodies that smuggle others', play: smuggle },
  { name: 'never answers, and answers by drops', play: neverAnswer },
  ...controlTricks(),
];

async function answerOddly({ runners, whileVisited }: Scene): Promise<string[]> {
  await using app = await runners.start('raw.mjs');
  const problems: string[] = [];
  const slow = await whileVisited(async () => problems.push(...(await wrongAnswers(app))));
  return [...problems, ...slow, ...(await isWell(app))];
}

/**
 * What visitors get that was not meant for them.
 *
 * @param most kinds that are tried
 */
export async function wrongAnswers(app: AttackedRunner, most = ANSWERS.length): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, answer, after } of ANSWERS.slice(0, most)) {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const odd = get(app, '/raw', agent, JSON.stringify({ answer, after }));
    const meanwhile = get(app, `/mine-beside-${name.length}`, new Agent());
    const first = await odd;
    for (let next = 0; next < 3; next += 1) {
      const wanted = `/mine-${next}-${Math.random()}`;
      const { body } = await get(app, wanted, agent);
      if (body !== `mine ${wanted}`)
        problems.push(`after ${name} a visitor of ${wanted} got ${body.slice(0, 80)}`);
    }
    const beside = await meanwhile;
    if (!beside.body.startsWith('mine /mine-beside'))
      problems.push(`beside ${name} a visitor got ${beside.body.slice(0, 80)}`);
    if (first.smuggled) problems.push(`${name}: a header came out of a body`);
    agent.destroy();
    if (!app.isAlive()) {
      problems.push(`${name} ended the runner`);
      break;
    }
  }
  return problems;
}

/**
 * Bytes that arrive on a connection while nobody waits on it are for nobody. (An answer that comes before its time while somebody
 * waits cannot be told from his: so an app can mix up the answers to its own visitors, and those alone.)
 */
async function answerUnasked({ runners, whileVisited }: Scene): Promise<string[]> {
  await using app = await runners.start('raw.mjs');
  const problems: string[] = [];
  const answer = ok('Content-Length: 2\r\n', 'hi');
  const slow = await whileVisited(async () => {
    for (const delay of [0, 1, 10]) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await get(app, '/raw', agent, JSON.stringify({ answer, after: 'open', later: SMUGGLED, delay }));
      await until('the app to have sent it', async () => (await app.log()).includes(`sent after ${delay}`));
      for (let next = 0; next < 3; next += 1) {
        const wanted = `/mine-${delay}-${next}`;
        const { body } = await get(app, wanted, agent);
        if (body !== `mine ${wanted}`) problems.push(`a visitor of ${wanted} got ${body.slice(0, 80)}`);
      }
      agent.destroy();
    }
  });
  return [...problems, ...slow, ...(await isWell(app))];
}

/** The other way: what visitors send reaches the app as the one request it is, or not at all. */
async function smuggle({ runners, whileVisited }: Scene): Promise<string[]> {
  await using app = await runners.start('raw.mjs');
  const inner = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  const key = Object.entries(app.headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const head = (rest: string) => `POST /outer HTTP/1.1\r\nHost: a\r\n${key}${rest}\r\n`;
  const requests = [
    `${head(`Content-Length: 0\r\nTransfer-Encoding: chunked\r\n`)}0\r\n\r\n${inner}`,
    head(`Content-Length: 4\r\nContent-Length: ${inner.length}\r\n`) + inner,
    `${head(`Transfer-Encoding: chunked, identity\r\n`)}0\r\n\r\n${inner}`,
    `${head(`Transfer-Encoding:\x0bchunked\r\n`)}0\r\n\r\n${inner}`,
    `${head(`Transfer-Encoding : chunked\r\n`)}0\r\n\r\n${inner}`,
    head(`Content-Length: +0\r\n`) + inner,
    head(`Content-Length: 0\r\nContent-Length: 0\r\n`) + inner,
    head(`Content-Length: 0,${inner.length}\r\n`) + inner,
    `${head(`X: a\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n`)}0\r\n\r\n${inner}`,
    `${head(`Transfer-Encoding: chunked\r\n`)}1;${'a'.repeat(30_000)}\r\nx\r\n0\r\n\r\n${inner}`,
    `${head(`Transfer-Encoding: chunked\r\n`)}1\nx\n0\n\n${inner}`,
    `GET /outer HTTP/1.1\r\nHost: a\r\n${key}Content-Length: ${inner.length}\r\n\r\n${inner}`,
    `GET http://other/outer\r\n\r\n${inner}`,
    `GET /outer HTTP/1.1\r\nHost: a\r\n${key}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n${inner}`,
  ];
  const slow = await whileVisited(() => Promise.all(requests.map((text) => sendRaw(app, text))));
  const { body } = await get(app, '/seen', new Agent());
  // The runner's key stands in none of the inner requests: they may not get past the front, not even as requests of their own.
  const through = body.includes('smuggled')
    ? [`a request within a request reached the app: ${body.slice(0, 300)}`]
    : [];
  const whole = body.startsWith('[') ? [] : [`the app does not answer any more: ${body.slice(0, 100)}`];
  return [...through, ...whole, ...slow, ...(await isWell(app))];
}

async function neverAnswer({ runners, world, whileVisited }: Scene): Promise<string[]> {
  await using app = await runners.start('attacker.mjs');
  const silent: AttackCode = () => new Promise(() => {});
  const drops: AttackCode = () =>
    new Response(
      new ReadableStream({
        start: (stream) => void setInterval(() => stream.enqueue(new TextEncoder().encode('.')), 20),
      }),
    );
  const targets = world.targets();
  const slow = await whileVisited(async () => {
    const waiting = [silent, drops].flatMap((code) =>
      Array.from({ length: 60 }, () => app.attack(code.toString(), targets, PATIENCE_MS)),
    );
    const own = await app.visit().catch((error: Error) => error);
    await Promise.all(waiting);
    if (typeof own !== 'number') throw own;
  });
  return [...slow, ...(await isWell(app))];
}

/** What the app does to descriptors that the host holds the other end of. */
function controlTricks(): Drama[] {
  const tricks: { readonly name: string; readonly code: AttackCode }[] = [
    {
      name: 'writes lines to its host that are none',
      code: (_targets, get) => {
        const fs = get('node:fs');
        const text = [
          '\0\0\n',
          '{"said":\n',
          '[]\n',
          'null\n',
          '{"said":"warm"}\n',
          '{"said":"ready"}\n',
          '{"said":"__proto__"}\n',
          '{"said":"failed"}\n',
          '{"said":"pong","n":1e99}\n',
          '{"said":"stopped"}\n',
        ];
        for (const line of text) {
          try {
            fs.writeSync(3, line);
          } catch {}
        }
      },
    },
    {
      name: 'writes one line to its host that does not end',
      code: async (_targets, get) => {
        const fs = get('node:fs');
        for (let count = 0; count < 200; count += 1) {
          try {
            fs.writeSync(3, 'x'.repeat(65_536));
          } catch {}
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
    },
    {
      name: 'answers pings that nobody sent, without end',
      code: async (_targets, get) => {
        const fs = get('node:fs');
        const lines = '{"said":"pong","n":1}\n'.repeat(1_000);
        for (let count = 0; count < 300; count += 1) {
          try {
            fs.writeSync(3, lines);
          } catch {}
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
    },
    {
      name: 'closes all descriptors that it has',
      code: (_targets, get) => {
        const fs = get('node:fs');
        for (const fd of [3, 4, ...Array.from({ length: 60 }, (_, index) => index + 5)]) {
          try {
            fs.closeSync(fd);
          } catch {}
        }
        return new Promise(() => {});
      },
    },
    {
      name: 'writes to all descriptors that it has',
      code: (_targets, get) => {
        const fs = get('node:fs');
        for (let fd = 0; fd < 64; fd += 1) {
          try {
            fs.writeSync(fd, 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nSMUGGLED\n');
          } catch {}
        }
      },
    },
    {
      name: 'ends itself, with a request under way',
      code: () => process.exit(7),
    },
    {
      name: 'aborts, with a request under way',
      code: () => process.abort(),
    },
  ];
  return tricks.map(({ name, code }) => ({
    name,
    async play({ runners, world, whileVisited }) {
      await using app = await runners.start('attacker.mjs');
      return whileVisited(() => app.attack(code.toString(), world.targets(), PATIENCE_MS));
    },
  }));
}

/** A runner whose app misbehaved towards visitors is still there and says that it is well. */
async function isWell(app: AttackedRunner): Promise<string[]> {
  if (!app.isAlive()) return ['the runner has ended'];
  const reply = await app.health();
  return reply.reply === 'health' && reply.ok ? [] : [`the runner says ${JSON.stringify(reply)}`];
}

interface Got {
  /** The text, or what went wrong. */
  readonly body: string;
  readonly smuggled: boolean;
}

/** @param body sent by POST; none: GET */
function get(app: AttackedRunner, path: string, agent: Agent, body?: string): Promise<Got> {
  return new Promise((resolve) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const headers = { ...app.headers, ...length };
    const method = body === undefined ? 'GET' : 'POST';
    const call = httpRequest(`${app.url}${path}`, { agent, method, headers, timeout: PATIENCE_MS });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', (error) => resolve({ body: `broken: ${error.message}`, smuggled: false }));
    call.on('response', (answer) => {
      let text = '';
      const smuggled = () =>
        answer.headers['x-smuggled'] !== undefined || answer.trailers['content-length'] !== undefined;
      answer.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ body: text, smuggled: smuggled() }));
      answer.on('error', (error) => resolve({ body: `broken: ${error.message}`, smuggled: smuggled() }));
    });
    call.end(body);
  });
}

function sendRaw(app: AttackedRunner, text: string): Promise<void> {
  const { port } = new URL(app.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text, 'latin1'));
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS / 3);
    socket.resume().on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
