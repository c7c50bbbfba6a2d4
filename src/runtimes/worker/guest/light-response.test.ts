import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { lightResponses } from './light-response.ts';

const { Response: Light, partsOf, lengthOf } = lightResponses(Response);

type Make = (made: typeof Response) => Response;

const bytes = () => new Uint8Array([1, 2, 3]);
const form = () => {
  const made = new FormData();
  made.set('a', '1');
  return made;
};
const stream = () => new Blob(['streamed']).stream();

/** Each made anew for each response, as some can be read only once. */
const BODIES: readonly [string, () => unknown][] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['an empty text', () => ''],
  ['a text', () => 'Grüße'],
  ['half a surrogate', () => 'a\ud800'],
  ['a number', () => 7],
  ['an object', () => ({})],
  ['a symbol', () => Symbol('no body')],
  ['bytes', bytes],
  ['a buffer', () => Buffer.from('abc')],
  ['no bytes', () => new Uint8Array()],
  ['an ArrayBuffer', () => bytes().buffer],
  ['shared bytes', () => new Uint8Array(new SharedArrayBuffer(2))],
  ['a DataView', () => new DataView(bytes().buffer, 1)],
  ['a Blob', () => new Blob(['abc'])],
  ['a Blob with a type', () => new Blob(['{}'], { type: 'application/json' })],
  ['a File', () => new File(['abc'], 'a.png', { type: 'image/png' })],
  ['URLSearchParams', () => new URLSearchParams({ a: 'ü b' })],
  ['FormData', form],
  ['a stream', stream],
  [
    'an async iterable',
    () =>
      (async function* () {
        yield bytes();
      })(),
  ],
];

/** The same with the second argument; some of them are wrong. */
const INITS: readonly [string, () => unknown][] = [
  ['no init', () => undefined],
  ['null', () => null],
  ['a number', () => 1],
  ['nothing in it', () => ({})],
  ['a status', () => ({ status: 404, statusText: 'Gone fishing' })],
  ['undefined members', () => ({ status: undefined, statusText: undefined, headers: undefined })],
  ['a status as text', () => ({ status: '201' })],
  ['status null', () => ({ status: null })],
  ['status 204', () => ({ status: 204 })],
  ['status 304', () => ({ status: 304, headers: { etag: '"1"' } })],
  ['status 101', () => ({ status: 101 })],
  ['status 600', () => ({ status: 600 })],
  ['half a status', () => ({ status: 200.5 })],
  ['a wrong status text', () => ({ statusText: 'a\nb' })],
  ['a foreign status text', () => ({ statusText: '€' })],
  ['fields', () => ({ headers: { 'X-One': '1', b: 'ü' } })],
  ['a type', () => ({ headers: { 'Content-Type': 'text/html' } })],
  ['an empty type', () => ({ headers: { 'content-type': '' } })],
  ['two spellings of a name', () => ({ headers: { A: '1', a: '2' } })],
  ['a value with spaces around it', () => ({ headers: { a: ' b\t', c: '' } })],
  ['a value that is no text', () => ({ headers: { a: 1, b: null, c: ['x', 'y'] } })],
  ['a foreign value', () => ({ headers: { a: '€' } })],
  ['a value of two lines', () => ({ headers: { a: 'b\r\nc: d' } })],
  ['a value with a control character', () => ({ headers: { a: 'b\x01' } })],
  ['a wrong name', () => ({ headers: { 'a b': 'c' } })],
  ['a name that objects have', () => ({ headers: { constructor: 'c', ['__proto__']: 'd' } })],
  ['an empty name', () => ({ headers: { '': 'c' } })],
  ['a symbol for a name', () => ({ headers: { [Symbol('a')]: 'c' } })],
  ['null for fields', () => ({ headers: null })],
  [
    'pairs',
    () => ({
      headers: [
        ['a', '1'],
        ['Set-Cookie', 'b'],
        ['set-cookie', 'c'],
      ],
    }),
  ],
  ['a Map', () => ({ headers: new Map([['a', '1']]) })],
  [
    'Headers',
    () => ({
      headers: new Headers([
        ['set-cookie', 'b=1'],
        ['set-cookie', 'c=2'],
        ['x', 'y'],
      ]),
    }),
  ],
  ['Headers with a type', () => ({ headers: new Headers({ 'content-type': 'image/png' }) })],
  [
    'an instance of a class',
    () =>
      new (class {
        status = 201;
        headers = { a: 'b' };
      })(),
  ],
  ['another response', () => new Response('x', { status: 206, headers: { a: 'b' } })],
  ['another light response', () => new Light('x', { status: 206, headers: { a: 'b' } })],
];

/** All that can be seen of a response, or of what is thrown instead. */
async function seen(made: typeof Response, make: Make) {
  try {
    const response = make(made);
    const { status, statusText, ok, type, url, redirected } = response;
    const fields = [...response.headers].map(([name, value]) => [
      name,
      value.replace(/boundary=.*/, 'boundary'),
    ]);
    const isEmpty = response.body === null;
    const read = Buffer.from(await response.arrayBuffer()).toString('latin1');
    const text = read.replaceAll(/-+formdata-undici-\d+/g, 'boundary');
    return { status, statusText, ok, type, url, redirected, fields, isEmpty, text, used: response.bodyUsed };
  } catch (error) {
    return String(error);
  }
}

const same = async (make: Make) => expect(await seen(Light, make)).toEqual(await seen(Response, make));

describe('a light response', () => {
  for (const [bodyName, body] of BODIES) {
    it(`of ${bodyName} is what Node makes of it, whatever comes with it`, async () => {
      for (const [, init] of INITS) await same((made) => new made(body() as string, init() as ResponseInit));
    });
  }

  it.each(INITS)('made by json with %s is what Node makes', async (_, init) => {
    for (const data of [{ a: 'ü' }, null, 'text', undefined, () => {}, { toJSON: () => undefined }, 1n]) {
      await same((made) => made.json(data, init() as ResponseInit));
    }
  });

  it.each([
    [(made: typeof Response) => made.redirect('http://a.test/b', 307)],
    [(made: typeof Response) => made.redirect('http://a.test/b')],
    [(made: typeof Response) => made.redirect('no address')],
    [(made: typeof Response) => made.redirect('http://a.test/', 200 as 302)],
    [(made: typeof Response) => made.error()],
    [(made: typeof Response) => new made('x', { status: 201 }).clone()],
    [(made: typeof Response) => new made(stream()).clone()],
    [
      (made: typeof Response) => {
        const first = new made('x', { headers: { a: 'b' } });
        return new made(first.body, first);
      },
    ],
    [
      (made: typeof Response) => {
        const response = new made('x');
        response.headers.set('content-type', 'text/html');
        response.headers.append('set-cookie', 'a=1');
        return response;
      },
    ],
  ] as const)('does what Node does: %s', async (make) => same(make));

  it('has every member of Node’s', async () => {
    for (const name of ['text', 'json', 'blob', 'arrayBuffer', 'bytes', 'formData', 'textStream'] as const) {
      const read = async (made: typeof Response) => {
        const { [name]: method } = new made('[1]') as unknown as Record<string, () => unknown>;
        const response = new made('[1]');
        try {
          const value = await method?.call(response);
          return value instanceof ReadableStream
            ? await new Response(value.pipeThrough(new TextEncoderStream())).text()
            : value;
        } catch (error) {
          return String(error).replace(/Response\w*/, '');
        }
      };
      expect([name, await read(Light)]).toEqual([name, await read(Response)]);
    }
    expect(inspect(new Light('x', { status: 201 }))).toEqual(inspect(new Response('x', { status: 201 })));
    expect(Object.prototype.toString.call(new Light())).toBe('[object Response]');
    expect(new Light()).toBeInstanceOf(Response);
    expect(() => (Light as unknown as () => void)()).toThrow(TypeError);
  });

  it('has nothing in common with what it was made of', async () => {
    const shared = new Headers({ a: '1' });
    const plain: Record<string, string> = { a: '1' };
    const content = bytes();
    const [one, other, third] = [
      new Light('x', { headers: shared }),
      new Light('x', { headers: shared }),
      new Light(content, { headers: plain }),
    ];
    one?.headers.set('set-cookie', 'session=of somebody');
    plain.b = '2';
    content.fill(9);
    expect(other?.headers.get('set-cookie')).toBeNull();
    expect(shared.get('set-cookie')).toBeNull();
    expect([...(third?.headers ?? [])]).toEqual([['a', '1']]);
    expect(await third?.bytes()).toEqual(bytes());
    const copy = other?.clone();
    copy?.headers.set('a', '2');
    expect(other?.headers.get('a')).toBe('1');
  });

  it('is kept as it is until its body is asked for, and then says what length it had', async () => {
    const response = new Light('Grüße', { status: 201, headers: { A: '1' } });
    expect(partsOf(response)).toEqual({
      status: 201,
      fields: { a: '1', 'content-type': 'text/plain;charset=UTF-8' },
      body: 'Grüße',
    });
    expect(response.headers.get('a')).toBe('1');
    expect(partsOf(response)?.fields).toBeInstanceOf(Headers);
    expect(response.body).toBeInstanceOf(ReadableStream);
    expect(partsOf(response)).toBeNull();
    expect(lengthOf(response)).toBe(7);
    expect(partsOf(new Response('x'))).toBeNull();
    expect(lengthOf(new Response('x'))).toBeNull();
    expect(
      [new Blob(['abc']), new URLSearchParams('a=b'), new ArrayBuffer(4)].map((body) =>
        lengthOf(new Light(body)),
      ),
    ).toEqual([3, 3, 4]);
    expect(lengthOf(new Light(stream()))).toBeNull();
  });

  it('can be a class’s ancestor', async () => {
    class Own extends Light {
      own = 'mine';
    }
    const own = new Own('x', { status: 201 });
    expect([own.own, own.status, await own.text()]).toEqual(['mine', 201, 'x']);
  });
});
