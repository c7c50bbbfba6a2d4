import type { CliCommand } from '../../command.ts';
import type { Finding } from '../../doctor/check.ts';
import { EXIT_DONE, EXIT_FAILED, partsOf } from '../../terminal/print-error.ts';
import { columnsOf } from '../../terminal/prose.ts';
import { printable } from '../../terminal/style.ts';
import { tableLines } from '../../terminal/table.ts';

interface DoctorFlags {
  readonly rebuild?: boolean;
}

export const doctor: CliCommand<DoctorFlags> = {
  usage: 'doctor',
  summary: 'Look for what keeps Tabbify from working on this machine, and say what to do',
  details:
    'Without options it changes nothing. Exit code 1 when there is a problem.\n' +
    '--rebuild has an open office build its projections (search, deliveries) anew while it goes on; of a closed one it removes them and the snapshots of the state, and the next start makes them.',
  options: [
    { flags: '--rebuild', summary: 'make anew what is made from the log; the log itself is not touched' },
  ],
  async run(context, _args, flags) {
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
    const { paint } = context;
    const rows = findings.map(({ ok, name, detail, hint }) => [
      ok ? paint('green', 'ok') : paint('red', 'problem'),
      name,
      printable(hint === undefined ? detail : `${detail}. To do: ${hint}`),
    ]);
    context.print(...tableLines(rows, columnsOf(context.io.stdout)));
    if (problems.length === 0) return EXIT_DONE;
    context.print(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`);
    return EXIT_FAILED;
  },
};
