/** A capability, and everything in a small world that it allows, by the plainest rule there is. */
export interface Line {
  readonly text: string;
  readonly allows: ReadonlySet<string>;
}

const HOSTS = [
  'x.com',
  'a.x.com',
  'b.x.com',
  'b.a.x.com',
  'z.x.com',
  'z.a.x.com',
  'evilx.com',
  'y.com',
  'z.y.com',
];
const PORTS = [80, 443, 8443];

function worldOfHosts(kind: string): Line[] {
  const lines: Line[] = [];
  for (const scheme of ['', 'http://', 'https://']) {
    for (const host of [
      'x.com',
      'a.x.com',
      'b.x.com',
      'evilx.com',
      'y.com',
      '*.x.com',
      '*.a.x.com',
      '*.y.com',
    ]) {
      for (const port of [null, ...PORTS]) {
        const allows = new Set<string>();
        for (const name of HOSTS) {
          const isMeant = host.startsWith('*') ? name.endsWith(host.slice(1)) : name === host;
          for (const [word, usual] of [
            ['http://', 80],
            ['https://', 443],
          ] as const) {
            if (isMeant && (scheme === '' || scheme === word))
              allows.add(`${kind} ${word}${name}:${port ?? usual}`);
          }
        }
        lines.push({ text: `${kind}:${scheme}${host}${port === null ? '' : `:${port}`}`, allows });
      }
    }
  }
  return lines;
}

function worldOfSegments(): Line[] {
  const tokens = ['a', 'b', 'ab', 'ba', 'c', 'ac', 'cb', 'acb'];
  return ['*', 'a', 'b', 'a*', '*b', 'a*b', 'ab'].map((pattern) => ({
    text: `subscribe:tenant_o.${pattern}`,
    allows: new Set(
      tokens
        .filter((token) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(token))
        .map((token) => `read ${token}`),
    ),
  }));
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const CLASSES = ['vm', 'wasm', 'process', 'wasm-bare'];
const integrations = ['office', 'team', 'other'];

/** Capabilities of every kind; texts of the test suite, not of an office. */
export const WORLD: readonly Line[] = [
  ...worldOfHosts('http'),
  ...worldOfHosts('build-network'),
  ...worldOfHosts('secret-for').map(({ text, allows }) => ({
    text: text.replace('secret-for:', 'secret-for:k@'),
    allows,
  })),
  ...worldOfSegments(),
  ...['memory_mb', 'vcpus'].flatMap((name) =>
    numbers(4).map((most) => ({
      text: `limit:${name}=${most}`,
      allows: new Set(numbers(most).map((each) => `${each} ${name}`)),
    })),
  ),
  ...CLASSES.map((name, index) => ({
    text: `isolation:${name}`,
    allows: new Set(CLASSES.slice(0, index + 1)),
  })),
  { text: 'action:telegram:send', allows: new Set(integrations) },
  ...['office', 'team'].map((name) => ({ text: `action:telegram:send@${name}`, allows: new Set([name]) })),
  ...[0, 1, 2].map((from) => ({
    text: `subscribe-from:${from === 0 ? 'beginning' : from}`,
    allows: new Set(
      [0, 1, 2, 3].filter((position) => position >= from).map((position) => `event ${position}`),
    ),
  })),
  ...[
    'secret:k',
    'secret:l',
    'emit:tenant_o.a',
    'visibility:public',
    'host:a',
    'http:app:shop',
    'root:yes',
    'odd',
  ].map((text) => ({ text, allows: new Set([text]) })),
];
const byText = new Map(WORLD.map((line) => [line.text, line]));

/** All that some of these capabilities allow together. */
export function allowedBy(lines: readonly string[]): Set<string> {
  return new Set(lines.flatMap((text) => [...(byText.get(text)?.allows ?? [])]));
}
