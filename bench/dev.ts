import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { atMost, type Figure, median, quantile, round } from './figures.ts';

const ROOT = join(import.meta.dirname, '..');
const MAIN = 'src/index.ts';

/** An app that is saved again and again. */
interface Written {
  readonly name: string;
  /** Writes it into a folder that is made for it. */
  readonly write: (folder: string) => Promise<void>;
  /** What of its source each save changes, and its answer at /nothing is. */
  readonly changed: string;
}

const HELLO: Written = {
  name: 'hello',
  write: (folder) => cp(join(ROOT, 'examples/hello'), folder, { recursive: true }),
  changed: 'Not found',
};

const WITH_HONO: Written = {
  name: 'a Hono app',
  async write(folder) {
    await mkdir(join(folder, 'src'), { recursive: true });
    await cp(join(ROOT, 'node_modules/hono'), join(folder, 'node_modules/hono'), { recursive: true });
    await writeFile(
      join(folder, 'tabbify.toml'),
      '[app]\nname = "with-hono"\n[build]\nmain = "src/index.ts"\n',
    );
    await writeFile(
      join(folder, MAIN),
      `import { Hono } from 'hono';
import { logger } from 'hono/logger';
const app = new Hono();
app.use(logger(() => {}));
app.get('/notes/:id', (c) => c.json({ id: c.req.param('id') }));
app.notFound((c) => c.text('Not found', 404));
export default app;
`,
    );
  },
  changed: 'Not found',
};

/** From a save to the first answer of what was saved, as whoever writes an app waits for it. */
export async function benchDev(): Promise<Figure[]> {
  return [
    await savesOf(HELLO, 'worker', 15, 300),
    await savesOf(WITH_HONO, 'worker', 15, 300),
    await savesOf(WITH_HONO, 'wasm-http', 15, 1_000),
  ];
}

async function savesOf(written: Written, runtime: string, saves: number, bound: number): Promise<Figure> {
  const { name, changed } = written;
  const folder = await mkdtemp(join(tmpdir(), 'bench-dev-'));
  const app = join(folder, 'app');
  await written.write(app);
  const argv = ['dev', app, '--port', '0', '--runtime', runtime, '--home', join(folder, 'home'), '--json'];
  const child = spawn(process.execPath, [join(ROOT, 'bin/tcli.mjs'), ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await serving(child.stdout);
    const source = await readFile(join(app, MAIN), 'utf8');
    const times: number[] = [];
    for (let turn = 0; turn <= saves; turn++) {
      const word = `${changed} ${turn}`;
      await writeFile(join(app, 'saved'), source.replace(changed, word));
      const began = performance.now();
      await rename(join(app, 'saved'), join(app, MAIN)); // as editors save
      while ((await (await fetch(`${url}nothing`)).text()).trim() !== word);
      if (turn > 0) times.push(performance.now() - began); // the first one fills caches
    }
    return atMost(
      `from a save of ${name} to its first answer as ${runtime}, median of ${saves}`,
      median(times),
      'ms',
      bound,
      `shortest ${round(quantile(times, 0))} ms, longest ${round(quantile(times, 1))} ms`,
    );
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'close');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until it serves. @returns its base URL */
async function serving(output: NodeJS.ReadableStream): Promise<string> {
  let url = '';
  const lines = createInterface({ input: output });
  for await (const line of lines) {
    const event = JSON.parse(line) as { event: string; url?: string };
    if (event.url !== undefined) url = event.url;
    if (event.event === 'serving') break;
  }
  output.resume(); // what else it tells is for nobody
  return url;
}
