import type { CliCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import type { PushPlan } from '../../push/push-app.ts';
import { interruptOf } from '../../terminal/interrupt.ts';
import { printable } from '../../terminal/style.ts';
import { sizeText, tableLines } from '../../terminal/table.ts';

interface PushFlags {
  readonly bucket?: string;
  readonly region?: string;
  readonly dryRun?: boolean;
  readonly strict?: boolean;
  /** Commander's reading of `--no-deploy`. */
  readonly deploy?: boolean;
  readonly approve?: boolean;
}

export const push: CliCommand<PushFlags> = {
  usage: 'push [dir]',
  summary: 'Publish a folder as the next version of its app, and deploy it',
  details:
    "Without a folder the current one. The first push makes the app's identity and keeps it in tabbify.lock beside the manifest: commit that file. The exit code is 0 only when every host that it goes to has the version, or when it waits for a person's yes. At a terminal you are shown what the app may do from then on and asked; elsewhere it waits. Ctrl-C ends the following, not a deployment that was asked for; a large upload that is cut off goes on with the next push.\nExample: tcli push examples/hello",
  options: [
    { flags: '--bucket <name>', summary: 'object storage bucket (the office in a folder has none)' },
    { flags: '--region <name>', summary: 'region of the bucket' },
    { flags: '--dry-run', summary: 'show what would be pushed and change nothing, the lock included' },
    { flags: '--strict', summary: 'treat every warning about the manifest as an error' },
    { flags: '--no-deploy', summary: 'publish the version without deploying it' },
    { flags: '--approve', summary: 'say yes to what the app asks for (needs the scope `approve`)' },
  ],
  async run(context, [dir = '.'], flags) {
    const [
      { readAppSource, warningTexts },
      { planPush, executePush, uploadText },
      { printResult },
      { refuseStoreFlags },
      { deploymentProgress },
      { requireEverywhere },
      { uploadTally },
      { consentOf },
    ] = await Promise.all([
      import('../../check/app-source.ts'),
      import('../../push/push-app.ts'),
      import('../../push/print-result.ts'),
      import('../../push/store-flags.ts'),
      import('../../deployments/start-progress.ts'),
      import('../../deployments/outcome.ts'),
      import('../../push/upload-tally.ts'),
      import('../../approvals/consent.ts'),
    ]);
    refuseStoreFlags(flags);
    const source = await readAppSource(context.io.cwd, dir, flags.strict === true);
    const plan = await planPush(source, dir);
    if (flags.dryRun) return printPlan(context, plan, [...warningTexts(source), ...plan.warnings]);
    const client = await context.client();
    using interrupt = interruptOf(context.io);
    const upload = uploadText(plan);
    const tally = uploadTally();
    const progress = await deploymentProgress(context, {
      doing: () => [`Uploading ${upload}`, tally.text()].filter((text) => text !== '').join(': '),
      done: `Uploaded ${upload}`,
    });
    try {
      const result = await executePush(client, plan, {
        deploy: flags.deploy !== false,
        consent: consentOf(context, flags),
        progress,
        tally,
        connect: () => context.client({ anew: true }),
        signal: interrupt.signal,
      });
      await progress.end(result.approval === null ? 'done' : 'left');
      printResult(context, result);
      requireEverywhere(
        { ...result, id: result.deployment_id ?? '' },
        { name: printable(plan.name), again: 'push again' },
      );
    } catch (error) {
      await progress.end(interrupt.signal.aborted ? 'left' : 'failed');
      throw interrupt.explain(error);
    }
  },
};

function printPlan(context: Context, plan: PushPlan, warnings: readonly string[]): void {
  const { uuid, minted } = plan.identity;
  const keys = plan.files.map((file) => ({ key: `apps/${uuid}/v<N>/${file.path}`, bytes: file.bytes }));
  if (context.json) {
    context.printJson({ dry_run: true, uuid, minted, name: plan.name, keys, warnings });
    return;
  }
  const { paint } = context;
  context.print(
    `${paint('bold', printable(plan.name))}  ${uuid}${minted ? paint('dim', '  (new; the real push makes its own)') : ''}`,
    ...tableLines(keys.map(({ key, bytes }) => [`  ${printable(key)}`, paint('dim', sizeText(bytes))])),
    ...warnings.map((text) => `${paint('yellow', 'warning')}  ${printable(text)}`),
    'Nothing was changed.',
  );
}
