import type { RuntimeFixture } from '../../testing/runtime-fixture.ts';
import type { ServedApp } from '../../testing/served-app.ts';
import { MAY, OPEN } from './files-component.ts';

/** The component of `test/fixtures/components/files.c` as the app of a fixture that reads its files. */
export function fileComponent(artifactDir: string): RuntimeFixture['fileApp'] {
  /** @returns what came of each call; null for one that failed */
  async function tell(served: ServedApp, ...calls: readonly (readonly (string | number)[])[]) {
    const body = calls.map((call) => call.join('\t').replaceAll('\n', '%0a')).join('\n');
    const text = await (await fetch(served.url, { method: 'POST', body })).text();
    // what is read may hold lines itself: of the last call all that follows is its answer
    const lines = text.split('\n');
    const last = lines.slice(calls.length - 1).join('\n');
    return last.startsWith('ok') ? last.replace(/^ok ?/, '').replace(/ ?\n?$/, '') : null;
  }
  const slot = 9;
  return {
    artifactDir,
    async read(served, name) {
      const text = await tell(
        served,
        ['folders'],
        ['open', 0, slot, name, 0, MAY.read, 0],
        ['read', slot, 0, 100_000],
      );
      await tell(served, ['close', slot]);
      return text;
    },
    async write(served, name) {
      const tries = [
        ['open', 0, slot, name, OPEN.create, MAY.read | MAY.write, 0],
        ['open', 0, slot, name, OPEN.truncate, MAY.read, 0],
        ['unlink', 0, name],
        ['rename', 0, name, 0, 'elsewhere'],
        ['mkdir', 0, `${name}.folder`],
      ];
      const done = [];
      for (const each of tries) done.push(await tell(served, ['folders'], each));
      return done.some((one) => one !== null);
    },
  };
}
