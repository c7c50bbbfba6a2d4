import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { ModuleArtifact } from '../../../builder/index.ts';
import type { RuntimePlace } from '../../runtime.ts';
import { layDownGuests } from '../../testing/guest-programs.ts';

/** A home with the guest's program in it; disposing removes it. */
export interface WorkerPlace extends AsyncDisposable {
  readonly place: RuntimePlace;
  /** Folder for whatever else a test needs. */
  readonly folder: string;
  /** Makes an artifact of a module's source, in TypeScript; its source map names it `app.ts`. @returns its folder */
  artifactOf(source: string): Promise<string>;
}

/** Makes a home for workers. */
export async function workerPlace(): Promise<WorkerPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'worker-'));
  const place = {
    home: join(folder, 'home'),
    sockets: join(folder, 's'),
    programs: join(folder, 'programs'),
  };
  await mkdir(place.home, { mode: 0o700 });
  await mkdir(place.sockets, { mode: 0o700 });
  await mkdir(place.programs);
  await chmod(folder, 0o755);
  await layDownGuests(place.programs);
  let artifacts = 0;
  return {
    place,
    folder,
    artifactOf: (source) => writeArtifact(join(folder, `artifact-${artifacts++}`), source),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeArtifact(dir: string, source: string): Promise<string> {
  const record: ModuleArtifact = { format: 1, kind: 'module', main: 'app.mjs', map: 'app.mjs.map' };
  await mkdir(dir);
  await writeFile(join(dir, 'artifact.json'), JSON.stringify(record));
  const result = await build({
    stdin: { contents: source, loader: 'ts', sourcefile: 'app.ts' },
    outfile: join(dir, 'app.mjs'),
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    sourcemap: 'external',
    minify: true,
    tsconfigRaw: {},
    logLevel: 'silent',
  });
  for (const { path, contents } of result.outputFiles) await writeFile(path, contents);
  return dir;
}
