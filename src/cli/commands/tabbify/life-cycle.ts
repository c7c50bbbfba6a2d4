import type { AppReply } from '../../client/replies.ts';
import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { askForPurge } from '../../life-cycle/ask-for-purge.ts';
import { storedText } from '../../life-cycle/stored-text.ts';
import { shellWord } from '../../terminal/prose.ts';
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

export const purge: CliCommand<{ readonly yes?: boolean; readonly data?: boolean }> = {
  usage: 'purge <app>',
  summary: 'Stop an app and remove what its hosts run it with; its versions and its data stay',
  details: `Its records, its log and its artifacts are gone from the hosts then; a deployment begins it anew, with the data it had. With --data all that it has stored is removed for good, in every environment, also where the app has left it behind. ${NAMED}`,
  options: [
    { flags: '--data', summary: 'remove what it has stored as well' },
    { flags: '--yes', summary: 'purge without asking' },
  ],
  async run(context, [named = ''], { yes = false, data = false }) {
    const client = await context.client();
    const app = await client.findApp(named);
    if (!yes && !(await askForPurge(context, app, named, data))) return;
    const now = await client.purge(app.uuid, { data });
    if (context.json) return context.printJson(now);
    const name = printable(app.name);
    if (now.waits) return context.print(...waiting(now, `purge ${name}`));
    context.print(data ? `Asked to purge ${name} with all it has stored.` : `Asked to purge ${name}.`);
    if (!data) await sayWhatStays(context, app);
  },
};

/** Whoever wanted all of it gone is told how. A host that cannot be asked now is no reason to fail: the purge is under way. */
async function sayWhatStays(context: Context, { uuid, name, slug = name }: AppReply): Promise<void> {
  const { hosts } = await (await context.client()).stored(uuid).catch(() => ({ hosts: [] }));
  const stays = hosts.filter(({ environments }) => environments !== null && environments.length > 0);
  if (stays.length === 0) return;
  context.print(
    `What it has stored stays: ${stays.map(storedText).join('; ')}. To remove that: \`tabbify purge ${shellWord(printable(slug))} --data\`.`,
  );
}

async function ask(
  context: Context,
  named: string,
  action: 'start' | 'stop' | 'restart' | 'reset',
  done: (name: string) => string,
): Promise<void> {
  const client = await context.client();
  const { uuid } = await client.findApp(named);
  const app = await client.control(uuid, action);
  if (context.json) return context.printJson(app);
  const name = printable(app.name);
  if (app.waits) return context.print(...waiting(app, `${action} ${name}`));
  context.print(done(name), ...(action === 'start' || action === 'restart' ? parked(app, named) : []));
}

/** What an agent wants is not done before a person has said yes. */
function waiting({ approval }: AppReply, what: string): string[] {
  return [
    `Asked to ${what}: it waits for a person's yes, and nothing is done before that.`,
    `Say yes: \`tabbify approvals approve ${approval}\``,
  ];
}

/** What is parked does not start: the one next action. */
function parked(app: AppReply, named: string): string[] {
  return app.restart_status === 'parked'
    ? [
        `It failed ${app.restart_count} times and is parked. See \`tabbify logs ${printable(named)}\`; have it tried again with \`tabbify reset ${printable(named)}\`.`,
      ]
    : [];
}
