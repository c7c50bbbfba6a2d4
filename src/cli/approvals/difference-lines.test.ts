import { expect, test } from 'vitest';
import type { ApprovalReply } from '../client/approvals.ts';
import { collector } from '../testing/run-cli.ts';
import { differenceLines } from './difference-lines.ts';

test('whatever a manifest holds makes no line and moves no cursor where a person decides', () => {
  const forged = 'x\n  new  be private\u001b[2A\u202e';
  const approval = {
    ...{ kind: 'deployment', app_name: 'shop', version: 2, command: null, policy: null },
    items: [{ change: 'added', capability: 'c', from: [forged], text: forged, risk: 'high', line: null }],
    ...{ doubts: [forged], reasons: [forged], requested_by: 'agent:writer' },
  } as unknown as ApprovalReply;
  const { stream: stdout } = collector(false);
  const lines = differenceLines({ paint: (_, text) => text, io: { stdout } as never }, approval);
  expect(lines).toEqual([
    'Version 2 of shop asks for what it was not granted:',
    '  new        high risk: x\\n  new  be private\\x1b[2A\\x202e',
    '             x\\n  new  be private\\x1b[2A\\x202e → c',
    '  not known  x\\n  new  be private\\x1b[2A\\x202e',
    '  why        x\\n  new  be private\\x1b[2A\\x202e',
  ]);
});
