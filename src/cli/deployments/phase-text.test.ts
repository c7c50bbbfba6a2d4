import { expect, test } from 'vitest';
import type { DeploymentReply } from '../client/replies.ts';
import { whyText } from './phase-text.ts';

test('why a deployment failed is one line in a list, without the excerpt of the source below it', () => {
  const reason = 'src/book.ts:57:11: Unexpected ";":\n57 | const x = ;\n               ^\nCorrect it.';
  const failed = { phase: 'failed', stage: 'building', reason, results: [] } as unknown as DeploymentReply;
  expect(whyText(failed)).toBe('building: src/book.ts:57:11: Unexpected ";"');
  expect(whyText({ ...failed, reason: 'it is away' })).toBe('building: it is away');
});
