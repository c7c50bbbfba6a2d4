import type { CliCommand } from '../command.ts';
import { countOption } from '../options.ts';
import { localMoment } from '../terminal/local-time.ts';
import { EXIT_DONE, EXIT_FAILED } from '../terminal/print-error.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';
import { tenantOption } from './tenant-option.ts';

interface Flags {
  readonly verify?: boolean;
  readonly limit?: number;
}

export const auditCommand: CliCommand<Flags> = {
  usage: 'audit',
  summary: 'Show what was done with secrets, by whom and when; or check that nobody has changed that record',
  details:
    'Each line holds the hash of the one before. --verify reads all of it and names the first line that is not what was written; exit code 1 then.',
  options: [
    { flags: '--verify', summary: 'check the whole record, of all offices' },
    {
      flags: '--limit <count>',
      summary: 'how many of the last entries (default 50)',
      parse: countOption('--limit', 200),
    },
    tenantOption,
  ],
  async run(context, _args, { verify = false, limit = 50 }) {
    const { secrets } = await context.client();
    if (verify) {
      const report = await secrets.verifyAudit();
      if (context.json) context.printJson(report);
      else if (report.broken === null) context.print(`The audit is whole: ${report.lines} lines.`);
      else {
        const { line, why } = report.broken;
        context.print(
          `${context.paint('red', `Line ${line} of the audit is not what was written`)}: ${why}. The ${report.lines} lines before it are whole.`,
          'Compare secrets/audit.jsonl of the home with your copies: whoever could write there had the rights of the office.',
        );
      }
      return report.broken === null ? EXIT_DONE : EXIT_FAILED;
    }
    const entries = await secrets.audit(Math.max(limit, 1));
    if (context.json) context.printJson({ entries });
    else if (entries.length === 0) context.print('Nothing was done with secrets of this office yet.');
    else {
      const head = ['LINE', 'WHEN', 'WHO', 'DID', 'SECRET', ''].map((text) => context.paint('dim', text));
      const rows = entries.map(({ line, time, actor, action, name, version, purpose }) => [
        String(line),
        localMoment(time),
        printable(actor),
        action.replaceAll('_', ' '),
        `${printable(name)} v${version}`,
        printable(purpose),
      ]);
      context.print(...tableLines([head, ...rows], columnsOf(context.io.stdout)));
    }
    return EXIT_DONE;
  },
};
