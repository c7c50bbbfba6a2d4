import { waitingLines } from '../approvals/consent.ts';
import type { Context } from '../context.ts';
import { printable } from '../terminal/style.ts';
import type { PushResult } from './push-app.ts';

/** Shows where the app answers; shared by `tcli push` and `tabbify chat`. */
export function printResult(context: Context, result: PushResult): void {
  if (context.json) {
    context.printJson(result);
    return;
  }
  const { paint } = context;
  context.print(
    `${paint('bold', printable(result.name))}  version ${result.version}  ${paint('dim', result.uuid)}`,
  );
  if (result.unchanged) {
    const deployed =
      result.in_place && result.deployment_id === null ? ', which is in place: nothing was deployed' : '';
    context.print(`Nothing has changed since that version${deployed}.`);
  }
  if (result.approval !== null) {
    const waiting = { kind: 'waits', approval: result.approval, who: result.waits_for ?? '' } as const;
    context.print(...waitingLines(context, result, waiting));
  } else if (!result.in_place) {
    if (!result.unchanged) context.print('Published, not deployed: what ran before goes on running.');
  } else {
    context.print(`  ${paint(['bold', 'cyan'], result.url)}`, `  ${paint('cyan', result.path_url)}`);
    if (result.visibility === 'private') {
      context.print(
        '  Private: it opens in a browser that is signed in (tabbify login prints a link), and answers to a credential of the office. For everyone who reaches this machine: visibility = "public" in tabbify.toml, then push again.',
      );
    }
  }
  for (const text of result.warnings) context.print(`${paint('yellow', 'warning')}  ${printable(text)}`);
}
