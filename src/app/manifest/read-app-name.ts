import { messageOf, TabbifyError } from '../../kit/index.ts';
import { slugOf } from '../identity/slug.ts';
import type { Findings } from './findings.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';

const APP_NAME: KeyPath = ['app', 'name'];
const AGENT_NAME: KeyPath = ['agent', 'name'];

/** `[app].name`, or `[agent] name` of the service form that stands for it; both must agree, and it must make a slug. */
export function readAppName(reader: ManifestReader, findings: Findings): string {
  const appName = reader.text(APP_NAME);
  const agentName = reader.text(AGENT_NAME);
  if (appName !== null && agentName !== null && appName !== agentName) {
    const what = `\`agent.name\` is ${JSON.stringify(agentName)} and \`app.name\` is ${JSON.stringify(appName)}`;
    findings.atValue(AGENT_NAME, what, 'they name the same app: remove one');
  }
  const name = appName ?? agentName;
  if (name === null) {
    // A name of the wrong type has been reported already.
    if (!reader.has(APP_NAME) && !reader.has(AGENT_NAME)) {
      findings.atKey('error', APP_NAME, '`app.name` is missing', 'add name = "my-app" below [app]');
    }
    return '';
  }
  try {
    slugOf(name);
  } catch (error) {
    const hint = error instanceof TabbifyError && error.hint ? asClause(error.hint) : null;
    findings.atValue(appName === null ? AGENT_NAME : APP_NAME, messageOf(error), hint);
  }
  return name;
}

/** A sentence as the second half of another one. */
function asClause(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`;
}
