import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { everyCommand, KEYS, openTerminal, runCli, temporaryFolder } from '../../src/cli/testing/index.ts';
import { besiegedOffice } from './besieged-office.ts';
import { CLI_SHOTS, filesOf, type Line } from './cli-shots.ts';

const called: string[] = [];
const canary = createServer((request, response) => {
  called.push(request.url ?? '');
  response.end();
});
await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
const listening = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
const office = await besiegedOffice(listening);
const { node } = office;
const folder = await temporaryFolder();
await folder.write(await filesOf(office, listening));
afterAll(async () => {
  await office[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  await new Promise((resolve) => canary.close(resolve));
});

const envOf = (token: string | null) => ({
  TABBIFY_NODE_URL: node.url,
  TABBIFY_OFFICE: 'default',
  ...(token !== null && { TABBIFY_NODE_KEY: token }),
});

/** Everybody, and the owner as well, who keeps to what decides nothing. */
const everybody = { ...office.attackers, 'the owner': node.token };
const commands = everyCommand();

const isFor = ({ by, ownersOwn }: Line, who: string) =>
  by?.includes(who) ?? (who !== 'the owner' || ownersOwn === undefined);

async function shoot(key: string, { argv, stdin }: Line, token: string | null): Promise<void> {
  const [program, ...words] = key.split(' ') as ['tabbify' | 'tcli', ...string[]];
  await runCli(program, [...words, ...argv], {
    cwd: folder.path,
    env: envOf(token),
    ...(stdin !== undefined && { stdin }),
    signal: AbortSignal.timeout(10_000), // what follows for ever ends as on Ctrl-C
  });
}

test('every command has a line that tries, or asks no office', () => {
  expect(Object.keys(CLI_SHOTS).sort()).toEqual(commands.map(({ key }) => key).sort());
  for (const { key, local } of commands) expect([key, CLI_SHOTS[key] === 'local']).toEqual([key, local]);
});

// last what takes away what is attacked
const isLast = ({ key }: { key: string }) => key.endsWith(' purge');
const tried = commands.filter(({ key }) => typeof CLI_SHOTS[key] === 'function');

test.each([...tried.filter((each) => !isLast(each)), ...tried.filter(isLast)])(
  '$key takes nobody past the persons',
  async ({ key }) => {
    const shots = CLI_SHOTS[key];
    if (typeof shots !== 'function') throw new Error(`${key} has no lines`);
    for (const [who, token] of Object.entries(everybody)) {
      await office.stage();
      const head = await node.log.head();
      for (const victim of office.victims) {
        const lines = shots({ ...victim, spare: office.spare });
        for (const line of lines) if (isFor(line, who)) await shoot(key, line, token);
      }
      // what is not in the log has changed nothing
      if ((await node.log.head()) > head) expect([who, await office.breaches()]).toEqual([who, []]);
    }
    expect([await office.breaches(), called]).toEqual([[], []]);
  },
);

test('a yes that is typed at a terminal counts for nothing without the scope', async () => {
  await office.stage();
  const [victim] = office.victims;
  if (victim === undefined) throw new Error('nobody is attacked');
  const deploying = ['deploy', victim.uuid, '--version', `${victim.version}`];
  const deciding = ['approvals', 'approve', victim.approval.id];
  for (const [who, argv] of [
    ['a viewer', deciding],
    ['a person who may deploy', deploying],
  ] as const) {
    const env = envOf(office.attackers[who] ?? null);
    await using terminal = openTerminal('tabbify', argv, { cwd: folder.path, env });
    await terminal.shows('Do you say yes?');
    terminal.type(`y${KEYS.enter}`);
    await terminal.shows('approve`');
    expect([who, await terminal.ended()]).toEqual([who, argv === deciding ? 1 : 0]);
    expect([who, await office.breaches(), called]).toEqual([who, [], []]);
  }
});

// last: from then on it is no longer true
test('and the look at it notices a yes', async () => {
  await office.stage();
  for (const { approval } of office.victims) {
    const argv = ['approvals', 'approve', approval.id, '--yes'];
    expect((await runCli('tabbify', argv, { cwd: folder.path, env: envOf(node.token) })).code).toBe(0);
  }
  expect(await office.breaches()).toContain('visibility:public is granted');
});
