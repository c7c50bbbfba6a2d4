import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppData, openAppData } from '../../../data/testing/index.ts';
import { grantedHosts, openChannel } from '../../../egress/index.ts';
import { systemClock } from '../../../kit/index.ts';
import type { Runtime, StartSpec } from '../../runtime.ts';
import { type ServedApp, serveApp } from '../../testing/served-app.ts';

/** A component that does with `/data` what it is told, and where its files lie. */
export interface FilesComponent extends AsyncDisposable {
  readonly served: ServedApp;
  /** Has it make calls, one after the other (`test/fixtures/components/files.c`). @returns what came of each */
  tell(...calls: readonly (readonly (string | number)[])[]): Promise<string[]>;
}

/** The data of an app that is tested. */
export interface FilesData extends AsyncDisposable {
  /** `files/` in it is what apps see as `/data`. */
  readonly folder: string;
  readonly data: AppData;
  /** Starts the component with this data. */
  start(
    runtime: Runtime,
    spec: Partial<StartSpec> & { readonly artifactDir: string },
  ): Promise<FilesComponent>;
}

export async function filesData(dataMb = 16): Promise<FilesData> {
  const root = await mkdtemp(join(tmpdir(), 'files-'));
  const folder = join(root, 'data');
  const data = openAppData({ folder, dataMb });
  return {
    folder,
    data,
    async start(runtime, spec) {
      const said: string[] = [];
      const channel = openChannel({
        policy: grantedHosts(),
        platform: data.platform,
        say: (line) => said.push(`platform: ${line}`),
        clock: systemClock,
      });
      const served = await serveApp(runtime, { channel, hasFiles: true, ...spec });
      return {
        served,
        async tell(...calls) {
          const body = calls.map((call) => call.map(fieldOf).join('\t')).join('\n');
          const answer = await fetch(served.url, { method: 'POST', body });
          const text = await answer.text();
          if (answer.status !== 200) throw new Error(text);
          return text
            .trimEnd()
            .split('\n')
            .map((line) => line.trimEnd());
        },
        [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
      };
    },
    async [Symbol.asyncDispose]() {
      await data.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What would end a field, or is no text, as the component takes it. */
function fieldOf(field: string | number): string {
  return String(field).replace(
    /[\0\t\n%]/g,
    (found) => `%${found.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** `open-flags` and `descriptor-flags` as bits. */
export const OPEN = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;
export const MAY = { read: 1, write: 2, sync: 4, dataSync: 8, requestedSync: 16, mutate: 32 } as const;
