import { askCommand } from '../../deployments/ask-command.ts';

export const rollback = askCommand({
  verb: 'rollback',
  noun: 'rollback',
  summary: 'Put a version back that was in place before',
  details:
    'A rollback is a new deployment of an old version: it is followed, ends and can be rolled back like any other (`tabbify deploy --help`).\nExample: tabbify rollback shop',
  versionDefault: 'the last one in place before the one that is now',
});
