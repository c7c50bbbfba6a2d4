import type { ApprovalReply } from '../client/approvals.ts';
import type { Context } from '../context.ts';
import { localMoment } from '../terminal/local-time.ts';
import { columnsOf, visibleWidth } from '../terminal/prose.ts';
import { printable, type Style } from '../terminal/style.ts';
import { tableLines } from '../terminal/table.ts';
import { differenceLines } from './difference-lines.ts';

const COLOURS: Readonly<Record<string, Style>> = { open: 'yellow', granted: 'green', denied: 'red' };

/** Approvals as a table, or one below another where the terminal is too narrow for it. */
export function listLines(context: Context, approvals: readonly ApprovalReply[]): string[] {
  const { paint, io } = context;
  const head = ['STATE', 'APP', 'WHAT', 'BY', 'UNTIL', 'ID'].map((text) => paint('dim', text));
  const rows = approvals.map((each) => [
    statusText(context, each),
    paint('bold', printable(each.app_name ?? '-')),
    whatText(each),
    askedBy(each),
    localMoment(each.expires_at),
    each.id,
  ]);
  const table = tableLines([head, ...rows]);
  if (Math.max(...table.map(visibleWidth)) <= columnsOf(io.stdout)) return table;
  return approvals.flatMap((each) => [
    `${statusText(context, each)}  ${paint('bold', printable(each.app_name ?? 'the office'))}  ${whatText(each)}`,
    `  ${localMoment(each.requested_at)} by ${askedBy(each)}, until ${localMoment(each.expires_at)}`,
    `  ${paint('dim', each.id)}`,
  ]);
}

/** An app asks by calling what it is denied. */
function askedBy({ app, requested_by: by }: ApprovalReply): string {
  return by === `app:${app}` ? 'the app itself' : printable(by);
}

/** All of one approval. */
export function approvalLines(context: Context, approval: ApprovalReply): string[] {
  const { paint } = context;
  const { id, persons, granted_by: said, denied_by: refused, reason, decided_at: at, once } = approval;
  const yes = said.length === 0 ? 'nobody so far' : said.join(', ');
  const facts: [string, string][] = [
    ['id', id],
    ['state', statusText(context, approval)],
    ['asked for', `${localMoment(approval.requested_at)} by ${askedBy(approval)}`],
    ['said yes', `${printable(yes)}, of ${persons} needed${once ? '; for this deployment only' : ''}`],
    ...(refused === null
      ? []
      : [['said no', printable(reason === '' ? refused : `${refused}: ${reason}`)] as [string, string]]),
    at === null ? ['until', localMoment(approval.expires_at)] : ['decided', localMoment(at)],
  ];
  return [
    ...differenceLines(context, approval),
    ...tableLines(
      facts.map(([name, text]) => [`  ${paint('dim', name)}`, text]),
      columnsOf(context.io.stdout),
    ),
  ];
}

function statusText({ paint }: Pick<Context, 'paint'>, { status }: ApprovalReply): string {
  return paint(COLOURS[status] ?? 'dim', printable(status));
}

/** `version 2: 2 new, 1 wider, high risk` */
function whatText({ kind, command, version, items }: ApprovalReply): string {
  if (kind === 'policy') return 'another policy';
  if (kind === 'life_cycle') return printable(command ?? kind);
  const count = (change: string, word: string) => {
    const many = items.filter((item) => item.change === change).length;
    return many === 0 ? [] : [`${many} ${word}`];
  };
  const isRisk = items.some(({ risk, change }) => risk === 'high' && change !== 'removed');
  const words = [
    ...count('added', 'new'),
    ...count('widened', 'wider'),
    ...count('removed', 'given back'),
    ...(isRisk ? ['high risk'] : []),
  ].join(', ');
  const of = version === null ? '' : `version ${version}: `;
  return `${of}${words || 'nothing new'}`;
}
