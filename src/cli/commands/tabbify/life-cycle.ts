import type { AppReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { askForPurge } from '../../life-cycle/ask-for-purge.ts';
import { printable } from '../../terminal/style.ts';

const NAMED = 'An app is named by its name or its uuid.';

export const start: CliCommand = {
  usage: 'start <app>',
  summary: 'Start an app and keep it running',
  details: `It is not stopped for being idle any more, until \`tabbify stop\`. ${NAMED}`,
  run: (context, [named = '']) => ask(context, named, 'start', (name) => `Asked to start ${name}.`),
};

export const stop: CliCommand = {
  usage: 'stop <app>',
  summary: 'Stop an app; its versions stay',
  details: `A request still starts it. ${NAMED}`,
  run: (context, [named = '']) => ask(context, named, 'stop', (name) => `Asked to stop ${name}.`),
};

export const restart: CliCommand = {
  usage: 'restart <app>',
  summary: 'Start an app anew, without a failed request',
  details: `The new one takes over when it answers. ${NAMED}`,
  run: (context, [named = '']) => ask(context, named, 'restart', (name) => `Asked to restart ${name}.`),
};

export const reset: CliCommand = {
  usage: 'reset <app>',
  summary: 'Forget the failures of an app, so that a parked one is tried again',
  details: NAMED,
  run: (context, [named = '']) =>
    ask(context, named, 'reset', (name) => `The failures of ${name} are forgotten.`),
};

export const purge: CliCommand<{ readonly yes?: boolean }> = {
  usage: 'purge <app>',
  summary: 'Stop an app and remove all that its hosts keep of it; its versions stay',
  details: `Its records, its log, its artifacts and all data it has stored are gone from the hosts then; a deployment begins it anew. ${NAMED}`,
  options: [{ flags: '--yes', summary: 'purge without asking' }],
  async run(context, [named = ''], { yes = false }) {
    if (!yes) {
      const app = await (await context.client()).findApp(named);
      if (!(await askForPurge(context, app, named))) return;
    }
    await ask(context, named, 'purge', (name) => `Asked to purge ${name}.`);
  },
};

async function ask(
  context: Context,
  named: string,
  action: 'start' | 'stop' | 'restart' | 'reset' | 'purge',
  done: (name: string) => string,
): Promise<void> {
  const client = await context.client();
  const { uuid } = await client.findApp(named);
  const app = await client.control(uuid, action);
  if (context.json) return context.printJson(app);
  const name = printable(app.name);
  context.print(done(name), ...(action === 'start' || action === 'restart' ? parked(app, named) : []));
}

/** What is parked does not start: the one next action. */
function parked(app: AppReply, named: string): string[] {
  return app.restart_status === 'parked'
    ? [
        `It failed ${app.restart_count} times and is parked. See \`tabbify logs ${printable(named)}\`; have it tried again with \`tabbify reset ${printable(named)}\`.`,
      ]
    : [];
}
