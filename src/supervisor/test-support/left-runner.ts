import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type ControlCommand, type ControlReply, sendControl } from '../../runner/index.ts';
import { primaryRecord, type TestHost } from './host.ts';

/** A runner that an earlier supervisor left, with somebody in between who hears what it is told. */
export interface LeftRunner {
  readonly told: readonly ControlCommand[];
  close(): void;
}

/**
 * Starts an app and leaves its runner behind.
 *
 * @param answer changes what the runner says; null: it is not asked
 */
export async function leaveRunner(
  host: TestHost,
  app: string,
  answer: (command: ControlCommand, ask: () => Promise<ControlReply>) => Promise<unknown>,
): Promise<LeftRunner> {
  const supervisor = await host.start();
  await host.wake(supervisor, app);
  await supervisor.close();
  const left = primaryRecord(host.home, app);
  if (left === null) throw new Error('the app has no runner');
  const told: ControlCommand[] = [];
  const socket = `${left.socket}.1`;
  const between = createServer((connection) => {
    connection.setEncoding('utf8').once('data', async (line: string) => {
      const command = JSON.parse(line) as ControlCommand;
      told.push(command);
      const reply = await answer(command, () => sendControl(left.socket, command, 5_000));
      connection.end(`${JSON.stringify(reply)}\n`);
    });
  });
  await new Promise<void>((resolve) => between.listen(socket, resolve));
  const record = JSON.stringify({ ...left, socket });
  writeFileSync(join(host.home, 'runners', `${app}.json`), record, { mode: 0o600 });
  return { told, close: () => void between.close() };
}
