import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { startChild } from '../../kit/index.ts';
import { temporaryHome } from '../testing/box-of.ts';
import { findPrograms } from './programs.ts';

const OWNER = fileURLToPath(new URL('../testing/box-with-inherited.ts', import.meta.url));

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a box', () => {
  it('gets no descriptor that its owner was started with', async () => {
    const folder = temporaryHome();
    writeFileSync(join(folder, 'secret'), 'canary');
    const secret = openSync(join(folder, 'secret'), 'r');
    onTestFinished(() => closeSync(secret));
    // Node closes those up to 16 that it inherits, and goes on as long as there is one behind the other.
    const stdio = ['ignore', 'pipe', 'inherit', ...Array<'ignore'>(37).fill('ignore'), secret] as const;
    const owner = startChild(process.execPath, [OWNER, join(folder, 'home'), String(stdio.length - 1)], {
      env: {},
      stdio,
    });
    const told = await text(owner.stdout as NodeJS.ReadableStream);
    expect(told).toBe('owner: canary\nbox: nothing\n');
  });
});
