import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestOffice } from '../../e2e/office.ts';
import { ROOT } from '../../e2e/process.ts';
import { expectKept } from '../drill.ts';
import { until } from '../until.ts';
import type { Span } from './judge.ts';
import { now } from './sample.ts';

/** How a deployment ended. */
export interface Outcome {
  readonly phase: 'switched' | 'failed' | 'cancelled' | 'superseded';
  readonly reason: string | null;
  /** Name of the version it was for. */
  readonly name: string;
  /** Milliseconds from the request until the end was known. */
  readonly ms: number;
}

/** An app of which every version says its own name, and what may be known of which of them answers when. */
export interface SwappedApp {
  readonly uuid: string;
  /** When which version may answer, by what the office has said so far. */
  readonly spans: readonly Span[];
  /** Publishes another version. @param more last lines of its manifest, under `[runtime]` */
  publish(name: string, more?: string): Promise<void>;
  /** Has a version deployed and waits for the end of that. */
  deploy(name: string): Promise<Outcome>;
  /** As `deploy`, and tells the id at once. */
  ask(name: string): Promise<{ readonly id: string; readonly end: Promise<Outcome> }>;
  /** Goes back to the version that was in place before. */
  rollback(): Promise<Outcome>;
  cancel(id: string): Promise<void>;
  /** Name of the version that was said to be in place last. */
  readonly inPlace: string;
  /** Resolves with the moment at which the next deployment is said to be in place. */
  nextSwitch(): Promise<number>;
  /** The host has been seen to have left this version, which had not got in place or has lost it. */
  over(name: string): void;
  /** Resolves when the host has carried out the last that it was told of the app. */
  settled(): Promise<void>;
  /** Process that serves, by its record. */
  pid(): Promise<number>;
}

interface MutableSpan {
  readonly name: string;
  readonly from: number;
  until: number | null;
}

/** Length of the name in `examples/tiny`; another one of that length makes another component of it. */
const NAME_LENGTH = 4;

/** @param name of its first version, which runs afterwards */
export async function pushSwappedApp(office: TestOffice, name: string): Promise<SwappedApp> {
  const folder = join(office.directory, 'swapped');
  await cp(join(ROOT, 'examples/tiny'), folder, { recursive: true });
  const manifest = await readFile(join(folder, 'tabbify.toml'), 'utf8');
  const component = await readFile(join(folder, 'app.wasm'));
  const versions = new Map<number, string>();
  let spans: MutableSpan[] = [];
  let inPlace = name;
  let switching = Promise.withResolvers<number>();

  async function push(version: string, more: string, ...flags: string[]): Promise<string> {
    await writeFile(join(folder, 'app.wasm'), renamed(component, version));
    await writeFile(
      join(folder, 'tabbify.toml'),
      manifest.replace('name = "tiny"', 'name = "swapped"') + more,
    );
    const { code, stdout, stderr } = await office.tcli('push', folder, '--json', ...flags);
    expectKept(code === 0, () => `push of ${version}: ${stderr}`);
    const pushed = JSON.parse(stdout) as { uuid: string; version: number };
    versions.set(pushed.version, version);
    return pushed.uuid;
  }

  const uuid = await push(name, '');
  const { status } = await fetch(`${office.url}/app/${uuid}/`);
  expectKept(status === 200, `${name} answered ${status}`);
  spans.push({ name, from: now(), until: null });

  async function call<Reply>(method: string, path: string, body?: object): Promise<Reply> {
    const headers = { 'content-type': 'application/json' };
    const response = await office.api(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    expectKept(response.ok, `${method} ${path} answered ${response.status}`);
    return (await response.json()) as Reply;
  }

  async function asked(how: 'deploy' | 'rollback', body: object) {
    const from = now();
    const { deployment_id: id } = await call<{ deployment_id: string }>(
      'POST',
      `/v1/apps/${uuid}/${how}`,
      body,
    );
    const { version } = await call<{ version: number }>('GET', `/v1/deployments/${id}`);
    const span: MutableSpan = { name: versions.get(version) ?? String(version), from, until: null };
    spans.push(span);
    return { id, end: followed(id, span) };
  }

  async function followed(id: string, span: MutableSpan): Promise<Outcome> {
    const stream = await office.api(`/v1/deployments/${id}/stream`);
    let last = '';
    for await (const line of lines(stream)) {
      if (!line.startsWith('data: ')) continue;
      last = line;
      const { approval } = JSON.parse(line.slice(6)) as { approval?: string };
      if (approval !== undefined) await sayYes(approval);
    }
    const ended = now();
    const { phase, reason = null } = JSON.parse(last.slice(6)) as Outcome;
    if (phase === 'switched') {
      inPlace = span.name;
      switching.resolve(ended);
      switching = Promise.withResolvers();
      for (const other of spans) if (other.from < span.from) other.until ??= ended;
    } else if (phase !== 'cancelled') spans = spans.filter((each) => each !== span);
    return { phase, reason, name: span.name, ms: ended - span.from };
  }

  /** A version that asks for more than usual, as the one does that loops for long, waits for a person. */
  async function sayYes(approval: string): Promise<void> {
    const { difference } = await call<{ difference: string }>('GET', `/v1/approvals/${approval}`);
    await call('POST', `/v1/approvals/${approval}/approve`, { difference });
  }

  async function highest(type: string): Promise<number> {
    const path = `/v1/events?type=${type}&limit=1000`;
    const { events } = await call<{ events: { data: { app: string; generation: number } }[] }>('GET', path);
    return Math.max(...events.filter(({ data }) => data.app === uuid).map(({ data }) => data.generation));
  }

  return {
    uuid,
    get spans() {
      return spans;
    },
    get inPlace() {
      return inPlace;
    },
    nextSwitch: () => switching.promise,
    over(version) {
      const ended = now();
      for (const span of spans) if (span.name === version) span.until ??= ended;
    },
    publish: async (version, more = '') => void (await push(version, more, '--no-deploy')),
    ask: (version) => asked('deploy', { version: versionOf(versions, version) }),
    deploy: async (version) => (await asked('deploy', { version: versionOf(versions, version) })).end,
    rollback: async () => (await asked('rollback', {})).end,
    cancel: async (id) => void (await call('DELETE', `/v1/deployments/${id}`)),
    settled: () =>
      until(
        'the host does what it was told last',
        async () => (await highest('assignment_applied')) === (await highest('app_assigned')),
      ),
    async pid() {
      const record = (await office.runners()).find(({ app }) => app === uuid);
      expectKept(record !== undefined, 'the app has no runner');
      return record.pid;
    },
  };
}

function versionOf(versions: ReadonlyMap<number, string>, name: string): number {
  const found = [...versions].find(([, each]) => each === name);
  expectKept(found !== undefined, `no version ${name}`);
  return found[0];
}

/** The component of `examples/tiny`, answering under another name. */
function renamed(component: Buffer, name: string): Buffer {
  const at = component.indexOf('"app":"tiny"') + '"app":"'.length;
  expectKept(name.length === NAME_LENGTH && at > NAME_LENGTH, `${name} cannot be its name`);
  const copy = Buffer.from(component);
  copy.write(name, at);
  return copy;
}

async function* lines(response: Response): AsyncGenerator<string> {
  let rest = '';
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
