import { askCommand } from '../../deployments/ask-command.ts';

export const deploy = askCommand({
  verb: 'deploy',
  noun: 'deployment',
  summary: 'Put a version of an app in place, and follow it until it serves',
  details:
    'Until the new version answers, the one in place goes on serving; if it does not answer, that one stays. The exit code is 0 only when every host that it goes to has it. Ctrl-C ends the following, not the deployment.\nExample: tabbify deploy shop --version 3 --on berlin --on paris=wasm-http',
  versionDefault: 'the newest',
});
