import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { runChild } from '../../kit/index.ts';
import { startOf } from '../../sandbox/testing/index.ts';

/** Builds an app, then runs a build that was taken over and looks for a secret of its own user. */
const SCRIPT = `
  const { mkdirSync, readdirSync, writeFileSync } = await import('node:fs');
  const [rooms, folder] = process.argv.slice(1);
  const { buildArtifact } = await import(rooms + '/builder/index.ts');
  const { takenOverBuild } = await import(rooms + '/builder/testing/index.ts');
  const { parseManifest } = await import(rooms + '/app/index.ts');
  const home = folder + '/home';
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(folder + '/app');
  writeFileSync(home + '/node.key', 'CANARY');
  writeFileSync(folder + '/app/index.ts', 'export default 1;');
  const { manifest } = parseManifest('[app]\\nname = "a"\\n[build]\\nmain = "index.ts"', { file: 'tabbify.toml' });
  const said = [];
  const { dir } = await buildArtifact({
    sourceDir: folder + '/app', outDir: folder + '/artifact', manifest, kind: 'module', home, onProgress: (step) => said.push(step),
  });
  const look = "const fs = require('fs');" +
    "const code = (path, how) => { try { how(path); return 'done'; } catch (error) { return error.code; } };" +
    "const key = " + JSON.stringify(home + '/node.key') + ";" +
    "const tried = [code(key, fs.readFileSync), code('/source/x', (path) => fs.writeFileSync(path, '')), code('/tabbify/x', fs.mkdirSync)];" +
    "say({ type: 'progress', step: 'bundle', detail: tried.join(' ') }); process.exit();";
  const taken = await takenOverBuild(home, look, folder + '/taken');
  const left = readdirSync(home + '/cache/builds/scratch');
  console.log(JSON.stringify({ uid: process.getuid(), files: readdirSync(dir).toSorted(), said, taken: taken.said, left }));`;

it.skipIf(skipWithout('bubblewrap', existsSync('/usr/bin/bwrap')))(
  'an ordinary user’s builds run in boxes as well, and are kept from that user’s files',
  async () => {
    const made = await mkdtemp(join(tmpdir(), 'tabbify-user-'));
    onTestFinished(() => rm(made, { recursive: true, force: true }));
    const { command, folder } = startOf('src/builder/index.ts', made, false);
    const [program, ...args] = command;
    const rooms = dirname(dirname(args.at(-1) ?? ''));
    const { stdout, stderr } = await runChild(
      program,
      [...args.slice(0, -1), '--input-type=module', '-e', SCRIPT, rooms, folder],
      { env: { PATH: process.env.PATH ?? '' }, timeoutMs: 90_000 },
    );
    expect(JSON.parse(stdout || JSON.stringify(stderr))).toEqual({
      uid: process.getuid?.() === 0 ? expect.any(Number) : process.getuid?.(),
      files: ['app.mjs', 'app.mjs.map', 'artifact.json'],
      said: ['bundle', 'bundle'],
      taken: 'bundle: ENOENT EROFS EROFS',
      left: [],
    });
    expect(stdout).not.toContain('"uid":0,');
  },
  120_000,
);
