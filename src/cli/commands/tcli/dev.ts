import type { CliCommand } from '../../command.ts';
import { portOf } from '../../dev/dev-port.ts';
import { cliError } from '../../errors.ts';

interface DevFlags {
  readonly port?: number;
  readonly host?: string;
  readonly runtime?: 'worker' | 'wasm-http';
  readonly exact?: boolean;
  readonly resetData?: boolean;
}

const PORT = 8787;

export const dev: CliCommand<DevFlags> = {
  usage: 'dev [dir]',
  local: true,
  summary: 'Serve the app of a folder while it is written, without an office',
  details:
    'Without a folder the current one. The app runs in the same sandbox, with the same bounds and denials, as in an office, and may call what `http_allow_list` in its manifest lists; each save is built and takes the place of what was saved before, which serves on until the new one does. What the app prints, its errors with their places in the source, and every request stand in the terminal. Open to this machine alone. What it keeps (`stateful`) lies in .tabbify/ in its folder, which no push takes. Needs no office.\nExample: tcli dev my-app',
  options: [
    {
      flags: '--port <number>',
      summary: `port (default ${PORT}, or the next free one; 0: any free one)`,
      parse: portOf,
    },
    { flags: '--host <address>', summary: 'address of this machine alone (default 127.0.0.1)' },
    {
      flags: '--runtime <kind>',
      summary: 'worker or wasm-http (default: what the manifest says)',
      parse: runtimeOf,
    },
    {
      flags: '--exact',
      summary: 'make wasm-http by the whole build of a push: seconds for each save, and nothing is different',
    },
    { flags: '--reset-data', summary: 'remove first what the app has stored in earlier runs' },
  ],
  async run(context, [dir = '.'], { port, host = '127.0.0.1', runtime, exact = false, resetData = false }) {
    const { io, home, json, paint } = context;
    const [{ startDev }, { sourceReader }, { eventJson }, { eventLines }, { untilEnded }, app] =
      await Promise.all([
        import('../../../dev/index.ts'),
        import('../../dev/source-reader.ts'),
        import('../../dev/event-json.ts'),
        import('../../dev/event-lines.ts'),
        import('../../dev/until-ended.ts'),
        import('../../check/app-source.ts'),
      ]);
    const source = await app.readAppSource(io.cwd, dir, false);
    app.manifestOf(source, dir);
    const ended = untilEnded(io);
    await using server = new AsyncDisposableStack();
    const running = await startDev({
      root: source.root,
      reader: sourceReader(io.cwd, dir),
      ...{ home, host, runtime: runtime ?? null, exact, resetData },
      port: port ?? PORT,
      exactPort: port !== undefined,
      say(event) {
        const now = new Date();
        if (json) return context.printJson(eventJson(event, now));
        for (const { text, isProse } of eventLines(event, now, paint)) {
          if (isProse) context.print(text);
          else context.printRaw(text);
        }
      },
    });
    server.defer(() => running.close());
    await ended;
  },
};

function runtimeOf(text: string): 'worker' | 'wasm-http' {
  if (text === 'worker' || text === 'wasm-http') return text;
  throw cliError('usage', {
    what: `${JSON.stringify(text)} is no runtime that an app can be served with while it is written`,
    why: 'there are worker and wasm-http',
    hint: 'Leave `--runtime` out: the manifest says which one the app has.',
  });
}
