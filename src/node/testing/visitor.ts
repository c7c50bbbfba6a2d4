import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** What a browser asks for. */
export interface Load {
  readonly method?: string;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** In the place of what a browser would say; null: leave it out. */
  readonly headers?: Readonly<Record<string, string | null>>;
}

export interface Loaded {
  readonly url: string;
  readonly status: number;
  readonly location: string | undefined;
  readonly setCookie: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/**
 * A browser as far as cookies, hosts and fetch metadata go; every name leads to the node. It loads pages like somebody who
 * types their address.
 */
export interface Visitor {
  /** By host without the port: what would be sent there. */
  readonly jar: Map<string, Map<string, string>>;
  /** One request, redirects not followed. */
  ask(url: string, load?: Load): Promise<Loaded>;
  /** As `ask`, and follows redirects. @returns all answers, the last one last */
  open(url: string, load?: Load): Promise<readonly Loaded[]>;
}

/** @param port of the node, at 127.0.0.1 */
export function visitor(port: number | string): Visitor {
  const jar: Visitor['jar'] = new Map();

  async function ask(url: string, { method = 'GET', form, json, headers = {} }: Load = {}): Promise<Loaded> {
    const { hostname, host, pathname, search, origin } = new URL(url);
    const cookies = [...(jar.get(hostname) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const said: Record<string, string | null> = {
      host,
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'sec-fetch-site': method === 'GET' ? 'none' : 'same-origin',
      accept: 'text/html,*/*;q=0.8',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      ...(method === 'GET' ? {} : { origin }),
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(cookies === '' ? {} : { cookie: cookies }),
      ...headers,
    };
    const sent = request({
      ...{ hostname: '127.0.0.1', port, method, path: `${pathname}${search}`, agent: false, setHost: false },
      headers: Object.fromEntries(
        Object.entries(said).filter((each): each is [string, string] => each[1] !== null),
      ),
    });
    sent.end(json === undefined ? new URLSearchParams(form).toString() : JSON.stringify(json));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    const setCookie = response.headers['set-cookie'] ?? [];
    for (const each of setCookie) keep(hostname, each);
    const { statusCode: status = 0, headers: told } = response;
    return { url, status, location: told.location, setCookie, headers: told, text };
  }

  function keep(hostname: string, cookie: string): void {
    const [, name = '', value = '', rest = ''] = /^([^=]*)=([^;]*)(.*)$/.exec(cookie) ?? [];
    const own = jar.get(hostname) ?? new Map<string, string>();
    jar.set(hostname, own);
    if (/; *Max-Age=0\b/i.test(rest)) own.delete(name);
    else own.set(name, value);
  }

  return {
    jar,
    ask,
    async open(url, load) {
      const answers = [await ask(url, load)];
      for (
        let last = answers[0];
        last?.location !== undefined && answers.length < 12;
        last = answers.at(-1)
      ) {
        answers.push(await ask(new URL(last.location, last.url).href));
      }
      return answers;
    },
  };
}
