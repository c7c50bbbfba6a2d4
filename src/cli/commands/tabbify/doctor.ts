import type { CliCommand } from '../../command.ts';
import type { Finding } from '../../doctor/check.ts';
import { printFindings } from '../../doctor/print-findings.ts';
import { cliError } from '../../errors.ts';
import { EXIT_DONE, EXIT_FAILED, partsOf } from '../../terminal/print-error.ts';

interface DoctorFlags {
  readonly rebuild?: boolean;
  readonly verify?: boolean;
  readonly copy?: string;
  /** True: without a copy. */
  readonly repair?: string | true;
  readonly acceptLoss?: boolean;
  readonly yes?: boolean;
}

export const doctor: CliCommand<DoctorFlags> = {
  usage: 'doctor',
  summary: 'Look for what keeps Tabbify from working on this machine, and say what to do',
  details:
    'Without options it changes nothing. Exit code 1 when there is a problem.\n' +
    '--rebuild has an open office build its projections (search, deliveries) anew while it goes on; of a closed one it removes them and the snapshots of the state, and the next start makes them.\n' +
    '--repair changes nothing before you have said yes, and keeps the damaged file beside the repaired one. What has been damaged and how to be prepared: docs/when-the-disk-betrays-you.md.',
  options: [
    { flags: '--rebuild', summary: 'make anew what is made from the log; the log itself is not touched' },
    { flags: '--verify', summary: 'read the whole log and every blob on disk, and name what is damaged' },
    {
      flags: '--copy <folder>',
      summary: 'copy log and blobs to a new folder, also while the office is open',
    },
    {
      flags: '--repair [copy]',
      summary: 'put back what is damaged from a copy of log.db or of a home; the office must be closed',
    },
    { flags: '--accept-loss', summary: 'repair also where events stay lost; they become tombstones' },
    { flags: '--yes', summary: 'repair without asking' },
  ],
  async run(context, _args, flags) {
    onlyOneOf(flags);
    if (flags.verify === true) return (await import('../../doctor/log/verify.ts')).verify(context);
    if (flags.copy !== undefined) return (await import('../../doctor/log/copy.ts')).copy(context, flags.copy);
    if (flags.repair !== undefined) {
      const { repair } = await import('../../doctor/log/repair.ts');
      const { acceptLoss = false, yes = false } = flags;
      return repair(context, { copy: flags.repair === true ? null : flags.repair, acceptLoss, yes });
    }
    if (flags.rebuild === true) return (await import('../../doctor/rebuild.ts')).rebuild(context);
    const { CHECKS } = await import('../../doctor/registry.ts');
    const findings: Finding[] = [];
    for (const check of CHECKS) {
      try {
        findings.push(...[await check.look(context)].flat());
      } catch (error) {
        const { what, why, hint } = partsOf(error);
        findings.push({ ok: false, name: check.name, detail: why === null ? what : `${what}: ${why}`, hint });
      }
    }
    const problems = findings.filter((finding) => !finding.ok);
    if (context.json) {
      context.printJson({ ok: problems.length === 0, findings });
      return problems.length === 0 ? EXIT_DONE : EXIT_FAILED;
    }
    printFindings(context, findings);
    return problems.length === 0 ? EXIT_DONE : EXIT_FAILED;
  },
};

/** @throws TabbifyError `usage` */
function onlyOneOf({ rebuild, verify, copy, repair, acceptLoss, yes }: DoctorFlags): void {
  if (repair === undefined && (acceptLoss ?? yes) !== undefined) {
    throw cliError('usage', {
      what: `${acceptLoss === undefined ? '--yes' : '--accept-loss'} says how to repair`,
      why: '--repair was not given',
      hint: 'Add --repair, with a copy if there is one: tabbify doctor --repair <copy>',
    });
  }
  const given = Object.entries({ rebuild, verify, copy, repair }).filter(([, value]) => value !== undefined);
  if (given.length < 2) return;
  throw cliError('usage', {
    what: 'The doctor does one thing at a time',
    why: `given were ${given.map(([name]) => `--${name}`).join(' and ')}`,
    hint: 'Run it once for each.',
  });
}
