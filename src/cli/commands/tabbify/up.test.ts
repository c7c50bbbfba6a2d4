import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OFFICE_FLAGS } from '../../../../bootstrap/node26.mjs';
import { runCli } from '../../testing/run-cli.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

test('--print-unit prints how systemd opens this office, with its home and flags, and opens nothing', async () => {
  await using folder = await temporaryFolder();
  const options = { cwd: folder.path };
  const argv = ['up', '--print-unit', 'system', '--node-bind', '127.0.0.1:9000'];
  const { code, stdout } = await runCli('tabbify', argv, options);
  expect(code).toBe(0);
  const home = join(folder.path, 'home');
  const [, program, flags, bin, rest] =
    /^ExecStart="([^"]+)"((?: "--[^"]+")+) "([^"]+)" (.*)$/m.exec(stdout) ?? [];
  // else the program would begin anew with them, and lose a socket that was passed
  expect(flags).toBe(OFFICE_FLAGS.map((flag) => ` "${flag}"`).join(''));
  expect(rest).toBe(`"up" "--home" "${home}" "--node-bind" "127.0.0.1:9000"`);
  for (const file of [program, bin]) expect((await stat(file!)).isFile()).toBe(true);
  expect(stdout).toMatch(/^User=\S+$/m);
  await expect(stat(home)).rejects.toThrow('ENOENT');
  const { json } = await runCli('tabbify', ['up', '--print-unit', 'user', '--json'], options);
  expect(json()).toEqual({ scope: 'user', unit: expect.stringContaining('WantedBy=default.target') });
  const socket = await runCli('tabbify', ['up', '--print-socket', 'user'], options);
  expect(socket.stdout).toContain('ListenStream=127.0.0.1:8090\n');
  const wrong = await runCli('tabbify', ['up', '--print-unit', 'everybody'], options);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('user, system') });
});
