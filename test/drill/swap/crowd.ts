import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestOffice } from '../../e2e/office.ts';
import { type Started, start } from '../../e2e/process.ts';
import type { LoadOptions, Sample } from './sample.ts';

/** The load generator at work. */
export interface Crowd {
  /** Lets it come to its end. @returns what each visitor saw */
  leave(): Promise<readonly Sample[]>;
}

export type Pace = Omit<LoadOptions, 'host' | 'port' | 'prefix' | 'output'>;

/** Sends a crowd to an app through the edge of its office; resolves when it is under way. */
export async function sendCrowd(office: TestOffice, app: string, pace: Pace): Promise<Crowd> {
  const { hostname, port } = new URL(office.url);
  const output = join(office.directory, `samples-${pace.seed}.json`);
  const options: LoadOptions = { ...pace, host: hostname, port: Number(port), prefix: `/app/${app}`, output };
  const env = { PATH: process.env.PATH ?? '' };
  const generator: Started = start('test/drill/swap/load.ts', [JSON.stringify(options)], env);
  await generator.printed(/under way/);
  return {
    async leave() {
      const code = await generator.end('SIGTERM');
      if (code !== 0) throw new Error(`the load generator ended with ${code}: ${generator.output()}`);
      return JSON.parse(await readFile(output, 'utf8')) as Sample[];
    },
  };
}
