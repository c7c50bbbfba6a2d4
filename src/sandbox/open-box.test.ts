import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { startTimeOf } from '../kit/index.ts';
import type { Box, BoxSpec } from './box.ts';
import { findPrograms } from './launch/programs.ts';
import { openBox } from './open-box.ts';
import { nodeBox, temporaryHome } from './testing/box-of.ts';

async function opened(spec: BoxSpec): Promise<Box> {
  const box = await openBox(spec);
  onTestFinished(async () => void (await box.kill()));
  return box;
}

/** What a script writes. */
async function printed(home: string, script: string, more: Partial<BoxSpec> = {}): Promise<string> {
  const box = await opened(nodeBox(home, script, more));
  const [out, problems] = await Promise.all([
    text(box.child.stdout as NodeJS.ReadableStream),
    text(box.child.stderr as NodeJS.ReadableStream),
  ]);
  expect(problems).toBe('');
  return out;
}

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a box', () => {
  it('shows nothing of the machine but what it was given', async () => {
    const script = `
      const { readdirSync } = require('node:fs');
      const { PWD, ...env } = process.env;
      console.log(JSON.stringify([readdirSync('/'), readdirSync('/dev'), readdirSync('/tmp'), env, process.getuid()]));`;
    const seen = JSON.parse(await printed(temporaryHome(), script, { env: { NAME: 'a b' } }));
    const [root, devices, tmp, env, uid] = seen;
    expect(root).toEqual(expect.arrayContaining(['bin', 'dev', 'tmp']));
    expect(root.filter((name: string) => !/^(bin|dev|run|tmp|usr|lib.*)$/.test(name))).toEqual([]);
    expect(devices.toSorted()).toEqual(['null', 'random', 'urandom', 'zero']);
    expect([tmp, env, uid]).toEqual([[], { NAME: 'a b' }, 65_534]);
  });

  it('is as it must be, and leaves nothing when it is killed', async () => {
    const home = temporaryHome();
    const box = await opened(nodeBox(home, 'setInterval(() => {}, 1000)'));
    await box.verify();
    expect(readdirSync(join(home, 'boxes'))).toContain('0.json');
    expect(await box.kill()).toEqual({ code: null, signal: 'SIGKILL', cause: 'killed' });
    expect(startTimeOf(box.pid)).toBe(null);
    expect(readdirSync(join(home, 'boxes')).filter((name) => name !== 'uid-claim')).toEqual([]);
  });

  it('tells how its program ended', async () => {
    const home = temporaryHome();
    const ends = async (script: string) => (await opened(nodeBox(home, script))).ended;
    expect(await ends('process.exit(7)')).toEqual({ code: 7, signal: null, cause: 'itself' });
    expect(await ends('process.abort()')).toEqual({ code: null, signal: 'SIGABRT', cause: 'itself' });
  });
});
