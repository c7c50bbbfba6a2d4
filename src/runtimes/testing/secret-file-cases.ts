import { expect } from 'vitest';
import { type RuntimeCase, soon } from './runtime-case.ts';
import type { RuntimeFixture } from './runtime-fixture.ts';
import { serveApp } from './served-app.ts';

const FILES = { 'tls.pem': Buffer.from('-----BEGIN-----\nö\n'), other: Buffer.from('x'.repeat(20_000)) };

/** Of an app with the routes `/read/NAME` and `/write/NAME`: 200 when that worked. */
export const BY_ROUTE: Omit<RuntimeFixture['fileApp'], 'artifactDir'> = {
  async read(served, name) {
    const answer = await fetch(`${served.url}/read/${name}`);
    return answer.status === 200 ? answer.text() : null;
  },
  write: async (served, name) => (await fetch(`${served.url}/write/${name}`)).status === 200,
};

/** Of secrets that an app is given as files (CONTRACTS §11). */
export const secretFileCases: readonly RuntimeCase[] = [
  {
    behaviour: 'shows the app its secret files, lets it change none, and leaves none behind',
    async check({ runtime, fileApp: { artifactDir, read, write }, traces }) {
      const before = await traces();
      const served = await soon('the start', serveApp(runtime, { artifactDir, secretFiles: FILES }));
      try {
        for (const [name, bytes] of Object.entries(FILES)) {
          expect(await read(served, name)).toBe(String(bytes));
          expect(await write(served, name)).toBe(false);
          expect(await read(served, name)).toBe(String(bytes));
        }
        expect(await read(served, 'none')).toBeNull();
        expect(await write(served, 'none')).toBe(false);
      } finally {
        served.closeServer();
        await soon('the purge', served.app.purge());
      }
      expect(await traces()).toEqual(before);
    },
  },
  {
    behaviour: 'shows an app without secret files none',
    async check({ runtime, fileApp: { artifactDir, read, write } }) {
      const served = await soon('the start', serveApp(runtime, { artifactDir }));
      try {
        expect(await read(served, 'tls.pem')).toBeNull();
        expect(await write(served, 'tls.pem')).toBe(false);
      } finally {
        served.closeServer();
        await soon('the purge', served.app.purge());
      }
    },
  },
];
