import { readFile } from 'node:fs/promises';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The value of the field `authorization` that npm would send to a registry, by the rules of npm-registry-fetch: the longest address of its
 * settings that leads to it, with a token, a ready `_auth`, or a name and a password. npm itself tells nobody what it has there.
 *
 * @param registry an address with a slash at its end
 * @param files npm's configuration files, the one that counts most first; they may be missing
 * @param env as npm is configured by it, and for `${NAME}` in those files
 */
export async function registryAuthorization(
  registry: string,
  files: readonly string[],
  env: Environment,
): Promise<string | null> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const settings = new Map<string, string>();
  const add = (name: string, value: string): void => {
    if (value !== '' && !settings.has(name)) settings.set(name, value);
  };
  for (const [name, value] of Object.entries(env)) {
    const setting = /^npm_config_(\/\/.*)$/i.exec(name)?.[1];
    if (setting !== undefined && value !== undefined) add(setting, value);
  }
  for (const text of texts)
    for (const [name, value] of linesOf(text)) add(expand(name, env), expand(value, env));
  return authorizationIn(settings, registry);
}

function authorizationIn(settings: ReadonlyMap<string, string>, registry: string): string | null {
  const { host, pathname } = new URL(registry);
  for (let place = `//${host}${pathname}`; place.length > 2; place = place.replace(/([^/]+|\/)$/, '')) {
    const of = (name: string): string | undefined => settings.get(`${place}:${name}`);
    const [token, ready, user, password] = [of('_authToken'), of('_auth'), of('username'), of('_password')];
    if (token !== undefined) return `Bearer ${token}`;
    if (ready !== undefined) return `Basic ${ready}`;
    if (user === undefined || password === undefined) continue;
    return `Basic ${Buffer.from(`${user}:${Buffer.from(password, 'base64').toString('utf8')}`).toString('base64')}`;
  }
  return null;
}

/** Settings of a configuration file: `name = value`, values may be quoted (ini). */
function linesOf(text: string): [name: string, value: string][] {
  return text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const found = /^\s*([^;#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    return found === null ? [] : [[unquoted(found[1] ?? ''), unquoted(found[2] ?? '')]];
  });
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

/** `${NAME}` is what the environment has, `${NAME?}` may be missing there; otherwise it stays as it is. */
function expand(text: string, env: Environment): string {
  return text.replace(/(?<!\\)\$\{([^${}?]+)(\?)?\}/g, (whole, name: string, optional?: string) => {
    return env[name] ?? (optional === undefined ? whole : '');
  });
}
