import { join } from 'node:path';
import type { CliCommand } from '../../command.ts';
import { cliError } from '../../errors.ts';
import { interruptOf } from '../../terminal/interrupt.ts';
import { EXIT_DONE } from '../../terminal/print-error.ts';

export const chat: CliCommand<{ readonly yes?: boolean }> = {
  usage: 'chat <outcome...>',
  summary: 'Describe an outcome; an app is written, you approve it, it runs',
  details:
    'A model writes it when ANTHROPIC_API_KEY or OPENAI_API_KEY is set (also ANTHROPIC_BASE_URL, OPENAI_BASE_URL, TABBIFY_MODEL); without one a starter is used. You see the files and what the app may do, and nothing is pushed before you say yes.\nExample: tabbify chat "a page for my bakery"',
  options: [{ flags: '-y, --yes', summary: 'say yes beforehand, for scripts' }],
  async run(context, words, { yes = false }) {
    const outcome = words.join(' ');
    if (outcome.trim() === '' || outcome.length > 4000) {
      throw cliError('usage', {
        what: 'The outcome cannot be used',
        why: outcome.length > 4000 ? 'it is longer than 4000 characters' : 'it is empty',
        hint: 'Describe what you want in a sentence or two: tabbify chat "a page for my bakery".',
      });
    }
    const [agent, { chatPlatform }, { chatPrinter }, { askPerson }, { printResult }, { consentToDraft }] =
      await Promise.all([
        import('../../../agent/index.ts'),
        import('../../chat/platform.ts'),
        import('../../chat/show-events.ts'),
        import('../../chat/ask-person.ts'),
        import('../../push/print-result.ts'),
        import('../../approvals/consent-to-draft.ts'),
      ]);
    const config = agent.readModelConfig(context.io.env);
    const client = await context.client();
    using interrupt = interruptOf(context.io);
    const work = context.progress('Asking the office');
    let shown: readonly string[] = [];
    const consent = consentToDraft(context, () => shown);
    const platform = chatPlatform(
      () => context.client({ anew: true }),
      client,
      context.home,
      consent,
      work.step,
    );
    try {
      const result = await agent.runChat({
        outcome: outcome.trim(),
        model: config === null ? null : agent.providerModel(config),
        platform,
        workspaces: join(context.home, 'workspaces', 'default'),
        approve(draft) {
          work.clear();
          shown = draft.rights.flatMap(({ capability }) => capability ?? []);
          return askPerson(context, draft, yes);
        },
        emit: chatPrinter(context, work),
        signal: interrupt.signal,
      });
      work.clear();
      if (result.status === 'declined') {
        if (context.json) context.printJson({ pushed: false, dir: result.dir });
        else context.print(`Nothing was pushed. The files are in ${result.dir}.`);
        return EXIT_DONE;
      }
      const pushed = platform.lastPush();
      if (context.json) context.printJson({ ...pushed, dir: result.dir, http_status: result.httpStatus });
      else if (pushed !== null) {
        printResult(context, pushed);
        context.print(`It answers (HTTP ${result.httpStatus}). Its files: ${result.dir}`);
      }
      return EXIT_DONE;
    } catch (error) {
      work.clear();
      throw interrupt.explain(error);
    }
  },
};
