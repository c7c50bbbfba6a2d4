import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isAlive } from '../../kit/index.ts';
import { sweepBoxes } from '../../sandbox/index.ts';
import { buildComponentArtifact, PROBE } from '../testing/component-artifact.ts';
import { FIXTURE_APP } from '../worker/testing/fixture-app.ts';
import { useWorkers, withoutBoxes } from '../worker/testing/worker-suite.ts';

const OWNER = fileURLToPath(new URL('./testing/owner.ts', import.meta.url));
const { start, home } = useWorkers();

interface Record {
  readonly init: { readonly pid: number; readonly start_time: number | null } | null;
}

async function records(): Promise<Record[]> {
  const folder = join(home().place.home, 'boxes');
  const names = await readdir(folder).catch(() => []);
  const texts = names
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFile(join(folder, name), 'utf8'));
  return (await Promise.all(texts)).map((text) => JSON.parse(text));
}

// From the first moment of a start to an app that serves; on any machine some of them are in the midst of it.
const MOMENTS = [0, 20, 60, 100, 150, 250, 'started'] as const;

test
  .skipIf(withoutBoxes)
  .each([
    ...MOMENTS.map((moment) => ['module', moment] as const),
    ...([150, 'started'] as const).map((moment) => ['component', moment] as const),
  ])(
  'a runner with a %s that is killed, at %s, leaves nothing behind the next sweep and the next start',
  async (kind, moment) => {
    const { place } = home();
    await using component = kind === 'component' ? await buildComponentArtifact(PROBE, 64) : null;
    const artifactDir = component?.dir ?? (await home().artifactOf(FIXTURE_APP));
    const folders = [place.home, place.sockets, place.programs, artifactDir];
    const owner = spawn(process.execPath, [OWNER, kind, ...folders], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    owner.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await expect.poll(() => said, { timeout: 20_000, interval: 5 }).toContain('begun');
    if (moment === 'started') await expect.poll(() => said, { timeout: 20_000 }).toContain('started');
    else await wait(moment);
    const left = await records();
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    await sweepBoxes({ home: place.home });
    const inits = [...left, ...(await records())].flatMap(({ init }) => init ?? []);
    expect(inits.filter((init) => isAlive(init))).toEqual([]);
    expect(await records()).toEqual([]);
    await using next = await start();
    expect((await fetch(next.url)).status).toBe(200);
    expect((await readdir(place.sockets)).every((name) => name.startsWith(`${process.pid}-`))).toBe(true);
  },
);
