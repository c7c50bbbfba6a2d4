import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BoxSpec } from '../box.ts';

/** A home of an office's own, removed when the test is over. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'tabbify-box-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** A box in which node runs this script; its output comes through pipes. */
export function nodeBox(home: string, script: string, more: Partial<BoxSpec> = {}): BoxSpec {
  return {
    profile: 'app',
    place: { home },
    label: 'a test',
    argv: ['/bin/node', '-e', script],
    env: {},
    files: [{ from: process.execPath, to: '/bin/node' }],
    bounds: { memoryBytes: 256 << 20, cpus: 1, tasks: 64, tmpBytes: 8 << 20, openFiles: 256 },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...more,
  };
}
