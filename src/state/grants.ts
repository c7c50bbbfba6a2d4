import { type AppGrant, covers, type GrantedSecret, NO_GRANT, secretNameOf } from '../app/index.ts';
import {
  type AppState,
  type DeploymentState,
  type GrantState,
  grantKey,
  type OfficeState,
  type PlacedState,
  type VersionState,
  type VersionTarget,
} from './office-state.ts';
import { rotationOf, versionInPlace } from './selectors.ts';

const APP = 'http:app:';
const HTTP = 'http:';

/**
 * Capabilities that an app has been granted and a deployment of it may use, whatever its version asks for. Not to reach an app whose
 * name another one has now, which nobody has said yes to.
 */
export function grantedNow(state: OfficeState, app: AppState, deployment: string | null): string[] {
  return grantsOf(state, app, deployment).map(({ capability }) => capability);
}

function grantsOf(state: OfficeState, app: AppState, deployment: string | null): GrantState[] {
  const isMeant = ({ capability, app: meant }: GrantState) =>
    !capability.startsWith(APP) || (slugHolder(state, app, capability) ?? null) === meant;
  return [...app.grants.values()].filter(
    (grant) => (grant.deployment === null || grant.deployment === deployment) && isMeant(grant),
  );
}

/** UUID of the app that has the name of `http:app:<name>` now. */
function slugHolder({ slugs }: OfficeState, { office }: AppState, capability: string): string | undefined {
  return slugs.get(`${office}/${capability.slice(APP.length)}`);
}

/**
 * Capabilities that a version asks for when it goes to these targets.
 *
 * @param targets what a deployment says instead of the version's `[[deploy]]`; null: nothing
 */
export function requestsOf(version: VersionState, targets: readonly VersionTarget[] | null): string[] {
  if (targets === null) return [...version.requests];
  const own = version.requests.filter((each) => !each.startsWith('host:'));
  const hosts = targets.map(({ supervisor }) => `host:${supervisor}`);
  const secrets = targets.flatMap(({ env }) =>
    Object.values(env).flatMap((value) => secretNameOf(value) ?? []),
  );
  return [...new Set([...own, ...hosts, ...secrets.map((name) => `secret:${name}`)])].sort();
}

/** What a version may do in a deployment: what it asks for and was granted, and what was granted beside that. */
function effectiveCapabilities(
  state: OfficeState,
  app: AppState,
  version: VersionState,
  deployment: DeploymentState,
): string[] {
  const grants = grantsOf(state, app, deployment.id);
  const granted = grants.map(({ capability }) => capability);
  const asked = requestsOf(version, deployment.targets).filter((each) => isGranted(granted, each));
  const beside = grants.filter((grant) => grant.beside).map(({ capability }) => capability);
  return [...new Set([...asked, ...beside])];
}

/** Is this capability allowed by what was granted? */
export function isGranted(granted: readonly string[], capability: string): boolean {
  return granted.some((each) => covers(each, capability));
}

const PUBLIC = 'visibility:public';

/** May anybody call the app? Only where the version in place says so and a person has granted it. */
export function isPublic(state: OfficeState, app: AppState): boolean {
  return versionInPlace(state, app)?.visibility === 'public' && mayBePublic(app);
}

/**
 * Has a person granted that anybody calls the app? Asked on every request: it is looked up by its name, and nothing is compared. While
 * nothing is in place, each deployment that may answer counts.
 */
export function mayBePublic(app: AppState): boolean {
  if (app.grants.has(PUBLIC)) return true;
  if (app.inPlace !== null) return app.grants.has(grantKey(PUBLIC, app.inPlace));
  return rotationOf(app).some(({ assignment }) => app.grants.has(grantKey(PUBLIC, assignment.deployment)));
}

/** What an instance is given to use, as its host is told it. */
export function grantOf(state: OfficeState, app: AppState, assignment: PlacedState): AppGrant {
  const version = app.versions.get(assignment.version);
  const deployment = state.deployments.get(assignment.deployment);
  if (version === undefined || deployment === undefined) return NO_GRANT;
  const asked = secretsOf(version, assignment.env);
  if (app.grants.size === 0 && asked.length === 0) return NO_GRANT;
  const may = effectiveCapabilities(state, app, version, deployment);
  const http = may.filter((each) => each.startsWith(HTTP) && !each.startsWith(APP));
  const isGiven = ({ name }: GrantedSecret) => may.includes(`secret:${name}`);
  const withheld = new Set(asked.filter((each) => each.required && !isGiven(each)).map(({ name }) => name));
  return {
    http: http.map((each) => each.slice(HTTP.length)).sort(),
    apps: may
      .filter((each) => each.startsWith(APP))
      .flatMap((each) => {
        const id = slugHolder(state, app, each);
        return id === undefined ? [] : [{ name: each.slice(APP.length), id }];
      }),
    secrets: asked.filter(isGiven),
    ...(withheld.size > 0 && { withheld: [...withheld] }),
  };
}

/**
 * May the app, on this host, call that other one at this moment? Whichever version of it serves there: the one that is to, or the one
 * that does so until then.
 */
export function mayCall(state: OfficeState, app: AppState, supervisor: string, other: string): boolean {
  const placement = app.placements.get(supervisor);
  if (placement === undefined || placement.assignment.purged) return false;
  const { assignment, good } = placement;
  return [assignment, ...(good === null ? [] : [good])].some((placed) =>
    grantOf(state, app, placed).apps.some(({ id }) => id === other),
  );
}

/** Of the version and of the target; a variable that the target sets to plain text is that text. */
function secretsOf(version: VersionState, env: Readonly<Record<string, string>>): GrantedSecret[] {
  const byVariable = new Map<string, GrantedSecret>();
  for (const secret of version.secrets) {
    const said = Object.hasOwn(env, secret.env_var) ? env[secret.env_var] : undefined; // `constructor` is a name as well
    if (said === undefined || secretNameOf(said) !== null) byVariable.set(secret.env_var, secret);
  }
  for (const [variable, value] of Object.entries(env)) {
    const name = secretNameOf(value);
    if (name === null || byVariable.get(variable)?.name === name) continue;
    byVariable.set(variable, { name, env_var: variable, required: true });
  }
  return [...byVariable.values()];
}
