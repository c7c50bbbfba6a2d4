import { expect, it } from 'vitest';
import { runChild } from './child-process.ts';

const LOADED = `await import(process.argv[1]); console.log(process.moduleLoadList.join('\\n'));`;

// Each thread of the log has this room.
it('the room brings no HTTP along, nor what Node has for `fetch`', async () => {
  const { code, stdout } = await runChild(
    process.execPath,
    ['--input-type=module', '-e', LOADED, new URL('./index.ts', import.meta.url).href],
    { env: {}, timeoutMs: 20_000 },
  );
  expect([code, stdout]).toEqual([0, expect.stringContaining('child_process')]);
  expect(stdout).not.toMatch(/undici|NativeModule (_)?http/);
});
