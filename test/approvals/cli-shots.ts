import { tinyApp } from '../../src/node/testing/index.ts';
import { asksFor, type BesiegedOffice, manifestOf, type Victim } from './besieged-office.ts';

/** What somebody types behind the name of a command. */
export interface Line {
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** Those who try it; default: everybody. */
  readonly by?: readonly string[];
  /** It decides, or takes away: the owner may. */
  readonly ownersOwn?: true;
}

/** What a line can be about. */
export interface Scene extends Victim {
  readonly spare: string;
}

/** Lines for a command; `local`: it asks no office. */
export type Shots = 'local' | ((scene: Scene) => readonly Line[]);

const line = (...argv: string[]): Line => ({ argv });
const ownersOwn = (...argv: string[]): Line => ({ argv, ownersOwn: true });
const once =
  (...argv: string[]) =>
  () => [line(...argv)];
const aboutApp = ({ uuid }: Scene) => [line(uuid)];

/** With and without the word that says yes beforehand. */
const putting = (...argv: string[]) => [line(...argv), ownersOwn(...argv, '--approve')];

/** How somebody would try it, by command. Whoever adds a command says here how it could be used to get past the persons. */
export const CLI_SHOTS: Readonly<Record<string, Shots>> = {
  'tabbify up': 'local',
  'tabbify down': 'local',
  'tabbify node': 'local',
  'tabbify gateway': 'local',
  'tabbify supervisor': 'local',
  'tabbify status': once(),
  // its draft is built and tried: seconds, so that those try it who get furthest
  'tabbify chat': () => [
    {
      ...ownersOwn('a page for my bakery', '--yes'),
      by: ['an administrator who may not approve', 'an agent'],
    },
  ],
  'tabbify apps': ({ uuid }) => [line(), line(uuid)],
  'tabbify start': aboutApp,
  'tabbify stop': aboutApp,
  'tabbify restart': aboutApp,
  'tabbify reset': aboutApp,
  'tabbify purge': ({ uuid }) => [line(uuid), ownersOwn(uuid, '--yes'), ownersOwn(uuid, '--data', '--yes')],
  'tabbify deploy': ({ uuid, version }) => [
    ...putting(uuid),
    ...putting(uuid, '--version', `${version}`, '--json'),
    ...putting(uuid, '--version', `${version}`, '--on', 'elsewhere'),
  ],
  'tabbify rollback': ({ uuid, version }) => [...putting(uuid), ...putting(uuid, '--version', `${version}`)],
  'tabbify deployments': aboutApp,
  'tabbify deployments show': ({ deployment }) => [line(deployment), line(deployment, '--follow')],
  'tabbify deployments cancel': ({ deployment }) => [line(deployment)],
  'tabbify approvals': () => [line(), line('--all')],
  'tabbify approvals show': ({ approval }) => [line(approval.id)],
  'tabbify approvals approve': ({ approval: { id } }) => [
    line(id),
    { ...line(id), stdin: 'y\n' },
    ownersOwn(id, '--yes'),
    ownersOwn(id, '--yes', '--once'),
    ownersOwn(id.slice(0, 8), '--yes', '--json'),
  ],
  'tabbify approvals deny': ({ approval: { id } }) => [
    ownersOwn(id),
    ownersOwn(id, '--reason', 'so that it is asked anew'),
  ],
  'tabbify approvals grants': aboutApp,
  'tabbify approvals revoke': ({ uuid }) => [line(uuid, 'visibility:public'), line(uuid, 'http:*')],
  'tabbify approvals policy': () => [
    line('show'),
    ...['loose.toml', 'none.toml', 'allow.toml'].flatMap((file) => [line('check', file), line('set', file)]),
  ],
  'tabbify versions': aboutApp,
  'tabbify versions show': ({ uuid, version }) => [line(uuid, `${version}`)],
  'tabbify versions diff': aboutApp,
  'tabbify versions remove': ({ uuid, version }) => [line(uuid, `${version}`), line(uuid, '1')],
  'tabbify events': once('--limit', '3'),
  'tabbify events erase': ({ uuid }) => [
    line('--subject', `app/${uuid}`, '--dry-run'),
    ownersOwn('--subject', `app/${uuid}`, '--yes'),
  ],
  'tabbify logs': aboutApp,
  'tabbify top': once('--once'),
  'tabbify login': once(),
  'tabbify sessions list': once(),
  'tabbify sessions end': ({ spare }) => [line(spare)],
  'tabbify tokens create': () => [
    line('helper', '--role', 'viewer', '--replace'),
    ...[
      ['--role', 'approver'],
      ['--role', 'owner'],
      ['--scope', 'read', 'approve'],
      ['--kind', 'agent', '--scope', 'read', 'approve'],
    ].map((more) => ownersOwn('accomplice', ...more)),
    ownersOwn('owner', '--scope', 'approve', '--replace'),
  ],
  'tabbify tokens list': once(),
  'tabbify tokens revoke': ({ spare }) => [line(spare)],
  'tabbify secrets register': () => [{ ...line('stripe', 'api-key', '--from-stdin'), stdin: 'value' }],
  'tabbify secrets list': once(),
  'tabbify secrets rotate': () => [{ ...line('stripe', '--from-stdin'), stdin: 'other value' }],
  'tabbify secrets delete': once('stripe', '--yes'),
  'tabbify secrets audit': once(),
  'tabbify office create': once('Another', '--slug', 'another'),
  'tabbify office list': once(),
  'tabbify doctor': once('--rebuild'),
  'tcli init': 'local',
  'tcli types': 'local',
  'tcli validate': 'local',
  'tcli dev': 'local',
  'tcli test': 'local',
  'tcli push': ({ uuid }) => [line(uuid, '--dry-run'), line(uuid, '--no-deploy'), ...putting(uuid)],
};

/** Files that the lines name: policies that would loosen, and a folder of each victim by its uuid. */
export async function filesOf(
  { victims }: BesiegedOffice,
  canary: string,
): Promise<Record<string, string | Uint8Array>> {
  const asks = `visibility = "public"\n`;
  const { 'tabbify.toml': _, ...component } = await tinyApp();
  const [tiny, site] = victims.map(({ uuid }) => uuid);
  return {
    'loose.toml': '[approvals]\nauto_approve = ["same-bundle"]\n',
    'none.toml': '[approvals]\npersons = 0\n',
    'allow.toml': '[[rule]]\nmatch = "*"\ndecision = "allow"\n',
    ...Object.fromEntries(Object.entries(component).map(([name, content]) => [`${tiny}/${name}`, content])),
    [`${tiny}/tabbify.toml`]: manifestOf(`${asks}${asksFor(canary)}`),
    [`${site}/tabbify.toml`]: `[app]\nid = "${site}"\nname = "site"\n${asks}[build]\nassets = "public"\n${asksFor(canary)}`,
    [`${site}/public/index.html`]: 'from the folder of an attacker',
  };
}
