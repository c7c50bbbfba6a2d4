import type { ApprovalItem, ApprovalReply } from '../client/approvals.ts';
import type { Context } from '../context.ts';
import { columnsOf } from '../terminal/prose.ts';
import { printable, type Style } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';

const WORDS: Readonly<Record<string, readonly [text: string, style: Style]>> = {
  added: ['new', 'green'],
  widened: ['wider', 'yellow'],
  removed: ['given back', 'dim'],
};

/** Lines that show what a person is to decide on, in the platform's words. */
export function differenceLines(context: Pick<Context, 'paint' | 'io'>, approval: ApprovalReply): string[] {
  const { paint, io } = context;
  const { items, doubts, reasons } = approval;
  const rows = [
    ...items.flatMap((item) => itemRows(context, item)),
    ...doubts.map((doubt) => [`  ${paint('yellow', 'not known')}`, inOneLine(doubt)]),
    ...reasons.map((reason) => [`  ${paint('dim', 'why')}`, inOneLine(reason)]),
  ];
  const policy = approval.policy === null ? [] : printable(approval.policy.trimEnd()).split('\n');
  return [
    headline(approval),
    ...policy.map((line) => `  ${paint('dim', '|')} ${line}`),
    ...tableLines(rows, columnsOf(io.stdout)),
  ];
}

/** What comes from a manifest makes no line of its own among those that a person decides by. */
function inOneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

function itemRows({ paint }: Pick<Context, 'paint'>, item: ApprovalItem): string[][] {
  const [word, style] = WORDS[item.change] ?? [printable(item.change), 'yellow'];
  const isRisk = item.risk === 'high' && item.change !== 'removed';
  const risk = isRisk ? `${paint(['bold', 'red'], 'high risk:')} ` : '';
  const row = [`  ${paint(style, word)}`, `${risk}${inOneLine(item.text)}`];
  if (item.from.length === 0) return [row];
  return [row, ['  ', paint('dim', inOneLine(`${item.from.join(', ')} → ${item.capability}`))]];
}

function headline({ kind, app_name: app, version, command, items, requested_by: by }: ApprovalReply): string {
  const name = printable(app ?? 'an app');
  if (kind === 'policy') return `${printable(by)} wants another policy for the office:`;
  if (kind === 'life_cycle') return `${printable(by)} wants to ${printable(command ?? 'change')} ${name}`;
  if (kind === 'capability')
    return `${printable(by)} wants ${name} to be allowed more than its manifest asks for:`;
  const wants = items.length === 0 ? 'asks for nothing new' : 'asks for what it was not granted:';
  return `Version ${version} of ${name} ${wants}`;
}
