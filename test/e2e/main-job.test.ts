import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageAfterOneRepair, startModelServer } from '../fixtures/model-server/index.ts';
import { get } from './get.ts';
import { type Arrangement, isAlive, TestOffice } from './office.ts';
import { ROOT } from './process.ts';

interface Push {
  readonly uuid: string;
  readonly version: number;
  readonly url: string;
  readonly path_url: string;
}

describe.each<Arrangement>(['up', 'apart'])('the main job, office arranged as `%s`', (arrangement) => {
  it('opens, publishes, serves, survives kill -9, tells its story and builds from a chat', async () => {
    await using office = await TestOffice.create(arrangement);
    await office.open();

    // A folder with a tabbify.toml becomes an app that answers by path and by name.
    const app = join(office.directory, 'hello');
    await cp(join(ROOT, 'examples/hello'), app, { recursive: true });
    const first = await push(office, app);
    expect(first.version).toBe(1);
    expect((await get(first.path_url)).status).toBe(200);
    const byName = await get(office.url, { host: new URL(first.url).host });
    expect(byName.status).toBe(200);
    expect(byName.body).toContain('Hello');

    // A second push serves version 2 at the same UUID.
    const source = join(app, 'src/index.ts');
    await writeFile(
      source,
      (await readFile(source, 'utf8')).replace("env.GREETING ?? 'Hello'", "'Good morning'"),
    );
    const second = await push(office, app);
    expect(second).toMatchObject({ uuid: first.uuid, version: 2, path_url: first.path_url });
    const greeting = `app/${first.uuid}/api/hello?name=Ada`;
    expect((await get(`${office.url}/${greeting}`)).body).toContain('Good morning, Ada');

    // kill -9 of the office leaves the app serving; the next start adopts it, same pid.
    const [runner, ...others] = await office.runners();
    expect(others).toEqual([]);
    await office.kill();
    expect(await isAlive(runner!.pid)).toBe(true);
    const alone = await get(`${runner!.endpoint}/`, {
      'tabbify-runner-key': runner!.runner_key,
    });
    expect(alone).toMatchObject({ status: 200 });
    await office.open();
    const again = await get(`${office.url}/${greeting}`);
    expect(again.status).toBe(200);
    expect(again.body).toContain('Good morning');
    expect((await office.runners()).map((record) => record.pid)).toEqual([runner!.pid]);

    // The log tells the story.
    const story = await office.tabbify('events', '--json');
    expect(story.code).toBe(0);
    const types = typesIn(story.stdout);
    expect(types).toEqual(
      expect.arrayContaining(['credential_issued', 'supervisor_joined', 'app_registered']),
    );
    expect(types.filter((type) => type === 'version_published')).toHaveLength(2);
    expect(types.filter((type) => type === 'deployment_succeeded')).toHaveLength(2);
    expect(types.indexOf('version_published')).toBeLessThan(types.indexOf('artifact_built'));
    expect(types.indexOf('artifact_built')).toBeLessThan(types.indexOf('app_assigned'));
    expect(types).toContain('app_started');

    // A chat ends in a URL that answers: with a starter, and with a model that reads what its tools say.
    const starter = await office.tabbify('chat', 'a page for my bakery', '--yes');
    expect(starter.code, starter.stderr).toBe(0);
    expect(starter.stdout).toMatch(/starter/i);
    expect((await get(answerUrl(starter.stdout))).body).toMatch(/bakery/i);

    const model = await startModelServer({ script: pageAfterOneRepair });
    try {
      office.extraEnv = { ANTHROPIC_API_KEY: model.key, ANTHROPIC_BASE_URL: model.url };
      const built = await office.tabbify('chat', 'a page for my bakery', '--yes');
      expect(built.code, built.stdout + built.stderr).toBe(0);
      expect(model.complaints).toEqual([]);
      expect(model.conversations.length).toBe(5);
      expect((await get(answerUrl(built.stdout))).body).toContain('från ugnen');
    } finally {
      await model.close();
    }
    office.extraEnv = {};

    if (arrangement === 'up') {
      // Nothing held the loop that answers every visitor. (One outlier in the whole run is let pass: 77 ms were seen once,
      // on a machine that ran other builds, and never again. What holds the loop by its nature does so every time.)
      const holds = await office.holds();
      expect(holds.length, holds.join(', ')).toBeLessThanOrEqual(1);
      const down = await office.tabbify('down');
      expect(down.code, down.stderr).toBe(0);
      expect(await isAlive(runner!.pid)).toBe(true);
    }
  });
});

async function push(office: TestOffice, directory: string): Promise<Push> {
  const result = await office.tcli('push', directory, '--json');
  expect(result.code, result.stderr).toBe(0);
  return JSON.parse(result.stdout) as Push;
}

/** Types of the events that `tabbify events --json` printed, oldest first. */
function typesIn(output: string): string[] {
  return output
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);
}

/** The path URL that a chat ended in. */
function answerUrl(output: string): string {
  const url = /http:\/\/127\.0\.0\.1:\d+\/app\/[0-9a-f-]{36}\/?/.exec(output)?.[0];
  if (url === undefined) throw new Error(`no URL in: ${output}`);
  return url;
}
