import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TestOffice } from '../test/e2e/office.ts';
import { ROOT } from '../test/e2e/process.ts';
import { atMost, type Figure, median, quantile, round } from './figures.ts';

const ROUNDS = 5;
/** A person reads what came of a push before the next one: by then the office has readied what the last one used up. */
const PAUSE_MS = { least: 2_000, most: 15_000, look: 250 };
/** Part of its time that a machine at rest does nothing. */
const AT_REST = 0.9;

/** An app that is changed and pushed again and again. */
interface Pushed {
  readonly name: string;
  readonly example: string;
  /** Milliseconds from the command to the first answer of the new version. */
  readonly bound: number;
  /** Readies the copied folder, once. */
  prepare?(app: string): Promise<void>;
  /** Makes this turn's version. */
  change(app: string, turn: number): Promise<void>;
  /** A static file that shows the turn; without one, the app itself is asked. */
  readonly shows?: string;
}

const asComponent = (app: string): Promise<void> =>
  edit(join(app, 'tabbify.toml'), (text) =>
    text
      .replace('name = "hello"', 'name = "hello-wasm"')
      .replace('[runtime]', '[runtime]\ntype = "wasm-http"'),
  );

const APPS: readonly Pushed[] = [
  { name: 'hello as worker', example: 'examples/hello', bound: 1_000, change: changeSource },
  {
    name: 'hello as wasm-http, built',
    example: 'examples/hello',
    bound: 8_000,
    prepare: asComponent,
    change: changeSource,
  },
  { name: 'tiny', example: 'examples/tiny', bound: 700, change: changeComponent },
  {
    name: 'static-site',
    example: 'examples/static-site',
    bound: 1_000,
    change: (app, turn) => changeFile(app, 'robots.txt', turn),
    shows: 'robots.txt',
  },
  {
    name: 'hello as wasm-http, its static files alone changed',
    example: 'examples/hello',
    bound: 1_000,
    async prepare(app) {
      await asComponent(app);
      await edit(join(app, 'tabbify.toml'), (text) =>
        text.replace('"hello-wasm"', '"hello-files"').replace('[build]', '[build]\nassets = "public"'),
      );
    },
    change: (app, turn) => changeFile(app, 'turn.txt', turn),
    shows: 'turn.txt',
  },
];

/** From `tcli push` of a changed app, on a machine at rest, to the first answer of its new version, the start of the command included. */
export async function benchPush(): Promise<Figure[]> {
  await using office = await TestOffice.create('up');
  await office.open();
  const figures: Figure[] = [];
  for (const app of APPS) figures.push(await pushed(office, app));
  return figures;
}

async function pushed(office: TestOffice, of: Pushed): Promise<Figure> {
  const app = join(office.directory, of.name.replaceAll(/\W+/g, '-'));
  await cp(join(ROOT, of.example), app, { recursive: true });
  await of.prepare?.(app);
  const times: number[] = [];
  for (let turn = -1; turn < ROUNDS; turn++) {
    await of.change(app, turn);
    await atRest();
    const began = performance.now();
    const { uuid, version } = await push(office, app);
    if (of.shows === undefined) await answered(office, uuid, version);
    else await shown(office, uuid, of.shows, turn);
    if (turn >= 0) times.push(performance.now() - began); // the first finds caches cold and has nothing to swap
  }
  const spread = `${round(Math.min(...times))} to ${round(quantile(times, 1))}, median of ${ROUNDS}`;
  return atMost(`push to serving, ${of.name}`, median(times), 'ms', of.bound, spread);
}

/** Waits until the machine has little to do. */
async function atRest(): Promise<void> {
  await wait(PAUSE_MS.least);
  for (const until = performance.now() + PAUSE_MS.most; performance.now() < until; ) {
    const before = processorTimes();
    await wait(PAUSE_MS.look);
    const after = processorTimes();
    if (after.idle - before.idle >= AT_REST * (after.all - before.all)) return;
  }
}

/** Milliseconds of all cores since the machine was started. */
function processorTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { idle: times.reduce((sum, { idle }) => sum + idle, 0), all };
}

async function push(office: TestOffice, app: string): Promise<{ uuid: string; version: number }> {
  const result = await office.tcli('push', app, '--json');
  if (result.code !== 0) throw new Error(`push: ${result.stderr}`);
  return JSON.parse(result.stdout) as { uuid: string; version: number };
}

/** The command has waited for the deployment; the answer shows that it is really this version's. */
async function answered(office: TestOffice, uuid: string, version: number): Promise<void> {
  const answer = await fetch(`${office.url}/app/${uuid}/`);
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the new version answers ${answer.status}`);
  const runner = (await office.runners()).find((one) => one.app === uuid && one.version === version);
  if (runner === undefined) throw new Error(`version ${version} is not what runs`);
}

/** @param file static file of the version that is to be in place */
async function shown(office: TestOffice, uuid: string, file: string, turn: number): Promise<void> {
  const text = await (await fetch(`${office.url}/app/${uuid}/${file}`)).text();
  if (text !== `turn ${turn}\n`) throw new Error(`the files in place are not those of turn ${turn}: ${text}`);
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

async function changeFile(app: string, name: string, turn: number): Promise<void> {
  await mkdir(join(app, 'public'), { recursive: true });
  await writeFile(join(app, 'public', name), `turn ${turn}\n`);
}

/** Every turn another source, so that it is built. */
function changeSource(app: string, turn: number): Promise<void> {
  return edit(
    join(app, 'src/index.ts'),
    (text) => `${text.replace(/\nexport const turn = .*\n$/, '\n')}\nexport const turn = ${turn};\n`,
  );
}

/** Every turn another component: with a custom section (id 0) that holds the turn. */
async function changeComponent(app: string, turn: number): Promise<void> {
  const original = await readFile(join(ROOT, 'examples/tiny/app.wasm'));
  const name = Buffer.from('turn');
  const body = Buffer.concat([Buffer.of(name.length), name, Buffer.of(turn + 1)]);
  const section = Buffer.concat([Buffer.of(0, body.length), body]);
  await writeFile(join(app, 'app.wasm'), Buffer.concat([original, section]));
}
