import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { atMost, type Figure, median, quantile, round } from './figures.ts';

const ROOT = join(import.meta.dirname, '..');
const MAIN = 'src/index.ts';
/** A line of examples/hello that each save changes. */
const CHANGED = 'Not found';

/** From a save to the first answer of what was saved, as whoever writes an app waits for it. */
export async function benchDev(): Promise<Figure[]> {
  return [await savesOf('worker', 15, 300), await savesOf('wasm-http', 3, 1_000)];
}

async function savesOf(runtime: string, saves: number, bound: number): Promise<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-dev-'));
  const app = join(folder, 'app');
  await cp(join(ROOT, 'examples/hello'), app, { recursive: true });
  const argv = ['dev', app, '--port', '0', '--runtime', runtime, '--home', join(folder, 'home'), '--json'];
  const child = spawn(process.execPath, [join(ROOT, 'bin/tcli.mjs'), ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await serving(child.stdout);
    const source = await readFile(join(app, MAIN), 'utf8');
    const times: number[] = [];
    for (let turn = 0; turn <= saves; turn++) {
      const word = `${CHANGED} ${turn}`;
      await writeFile(join(app, 'saved'), source.replace(CHANGED, word));
      const began = performance.now();
      await rename(join(app, 'saved'), join(app, MAIN)); // as editors save
      while ((await (await fetch(`${url}nothing`)).text()).trim() !== word);
      if (turn > 0) times.push(performance.now() - began); // the first one fills caches
    }
    return atMost(
      `from a save of hello to its first answer as ${runtime}, median of ${saves}`,
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
