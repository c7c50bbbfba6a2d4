import type { Context } from '../context.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';
import type { Finding } from './check.ts';

/** Findings as a table, and how many of them are problems. */
export function printFindings({ io, paint, print }: Context, findings: readonly Finding[]): void {
  const rows = findings.map(({ ok, name, detail, hint }) => [
    ok ? (hint === undefined ? paint('green', 'ok') : paint('yellow', 'note')) : paint('red', 'problem'),
    name,
    printable(hint === undefined ? detail : `${detail}. ${ok ? 'What helps' : 'To do'}: ${hint}`),
  ]);
  print(...tableLines(rows, columnsOf(io.stdout)));
  const problems = findings.filter((finding) => !finding.ok).length;
  if (problems > 0) print(`${problems} ${problems === 1 ? 'problem' : 'problems'}.`);
}
