import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../../kit/index.ts';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { printable } from '../terminal/style.ts';

export const policyCommand: CliCommand = {
  usage: 'policy [show|check|set] [file]',
  summary: 'Show the policy of the office, check a file, or put a file in force',
  details:
    '`check` runs the tests of the file here and asks nobody. `set` needs the scope `admin`, and waits for other persons where the policy in force wants several for anything.\nExample: tabbify approvals policy check office.toml',
  async run(context, [what = 'show', file]) {
    if (what === 'show' && file === undefined) return show(context);
    if (what === 'check' && file !== undefined) return check(context, file);
    if (what === 'set' && file !== undefined) return set(context, file);
    throw cliError('usage', {
      what: `\`tabbify approvals policy ${[what, file].filter(Boolean).join(' ')}\` cannot be run`,
      why: 'it is `show` without a file, or `check` or `set` with one',
      hint: 'For example `tabbify approvals policy check office.toml`.',
    });
  },
};

async function show(context: Context): Promise<void> {
  const reply = await (await context.client()).approvals.policy();
  if (context.json) return context.printJson(reply);
  if (reply.policy === null) {
    context.print('The office has no policy of its own: one person says yes to what is new, within a day.');
  } else context.printRaw(printable(reply.policy.trimEnd()));
  if (reply.approval !== null) {
    const waits = `Another policy waits for a yes: \`tabbify approvals approve ${reply.approval}\``;
    if (reply.policy === null) context.print(waits);
    else context.io.stderr.write(`${waits}\n`); // stdout is the file
  }
}

async function check(context: Context, file: string): Promise<void> {
  await readPolicy(context, file);
  if (context.json) return context.printJson({ ok: true });
  context.print(`${printable(file)} is a policy, and its tests come out as they say.`);
}

async function set(context: Context, file: string): Promise<void> {
  const text = await readPolicy(context, file);
  const reply = await (await context.client()).approvals.setPolicy(text);
  if (context.json) return context.printJson(reply);
  if (reply.approval === null) context.print('The policy is in force.');
  else {
    context.print(
      'It waits: the policy in force wants several persons, and so wants them for another policy.',
      `Each of them says yes: \`tabbify approvals approve ${reply.approval}\``,
    );
  }
}

/** The text of a policy without errors. @throws TabbifyError `usage`, `policy_invalid` with each error at its place */
async function readPolicy({ io }: Context, file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, file), 'utf8');
  } catch (error) {
    throw cliError('usage', {
      what: `${file} cannot be read`,
      why: messageOf(error),
      hint: 'Name a file such as office.toml.',
      cause: error,
    });
  }
  const [{ parsePolicy }, { formatDiagnostic }] = await Promise.all([
    import('../../approvals/index.ts'),
    import('../../app/index.ts'),
  ]);
  const { diagnostics } = parsePolicy(text);
  if (diagnostics.length === 0) return text;
  throw cliError('policy_invalid', {
    what: `${file} cannot be taken`,
    why: diagnostics.map((each) => formatDiagnostic(each, text)).join('\n'),
    hint: 'Mend it; what is in force stays.',
  });
}
