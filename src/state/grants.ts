import { type AppGrant, covers, type GrantedSecret, NO_GRANT, secretNameOf } from '../app/index.ts';
import type {
  AppState,
  AssignmentState,
  DeploymentState,
  GrantState,
  OfficeState,
  VersionState,
  VersionTarget,
} from './office-state.ts';

const APP = 'http:app:';
const HTTP = 'http:';

/** Capabilities that an app has been granted and a deployment of it may use, whatever its version asks for. */
export function grantedTo(app: AppState, deployment: string | null): string[] {
  return [...app.grants.values()]
    .filter((grant) => grant.deployment === null || grant.deployment === deployment)
    .map(({ capability }) => capability);
}

/** The same as far as it holds today: not to reach an app whose name another one has now, which nobody has said yes to. */
export function grantedNow(state: OfficeState, app: AppState, deployment: string | null): string[] {
  const isOther = ({ capability, app: meant }: GrantState) =>
    capability.startsWith(APP) &&
    (state.slugs.get(`${app.office}/${capability.slice(APP.length)}`) ?? null) !== meant;
  const others = new Set([...app.grants.values()].filter(isOther).map(({ capability }) => capability));
  return grantedTo(app, deployment).filter((each) => !others.has(each));
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
export function effectiveCapabilities(
  app: AppState,
  version: VersionState,
  deployment: DeploymentState,
): string[] {
  const granted = grantedTo(app, deployment.id);
  const asked = requestsOf(version, deployment.targets).filter((each) => isGranted(granted, each));
  const beside = [...app.grants.values()].filter((grant) => grant.beside).map(({ capability }) => capability);
  return [...new Set([...asked, ...beside])];
}

/** Is this capability allowed by what was granted? */
export function isGranted(granted: readonly string[], capability: string): boolean {
  return granted.some((each) => covers(each, capability));
}

/**
 * May anybody call the app? Only where the version in place says so and a person has granted it.
 */
export function isPublic(state: OfficeState, app: AppState): boolean {
  const deployment = state.deployments.get(app.inPlace ?? '');
  const version = deployment && app.versions.get(deployment.version);
  if (version?.visibility !== 'public') return false;
  return isGranted(grantedTo(app, deployment?.id ?? null), 'visibility:public');
}

/** What an instance is given to use, as its host is told it. */
export function grantOf(state: OfficeState, app: AppState, assignment: AssignmentState): AppGrant {
  const version = app.versions.get(assignment.version);
  const deployment = state.deployments.get(assignment.deployment);
  if (version === undefined || deployment === undefined || app.grants.size === 0) return NO_GRANT;
  const may = effectiveCapabilities(app, version, deployment);
  const http = may.filter((each) => each.startsWith(HTTP) && !each.startsWith(APP));
  return {
    http: http.map((each) => each.slice(HTTP.length)).sort(),
    apps: may.filter((each) => each.startsWith(APP)).flatMap((each) => appMeant(state, app, each)),
    secrets: secretsOf(version, assignment.env).filter(({ name }) => may.includes(`secret:${name}`)),
  };
}

/** A grant is for the app that had the name when it was given, under the name that it has now. */
function appMeant(state: OfficeState, app: AppState, capability: string): { name: string; id: string }[] {
  const name = capability.slice(APP.length);
  const id = state.slugs.get(`${app.office}/${name}`);
  const isMeant = [...app.grants.values()].some((each) => each.capability === capability && each.app === id);
  return id !== undefined && isMeant ? [{ name, id }] : [];
}

/** Of the version and of the target; a variable that the target sets to plain text is that text. */
function secretsOf(version: VersionState, env: Readonly<Record<string, string>>): GrantedSecret[] {
  const byVariable = new Map<string, GrantedSecret>();
  for (const secret of version.secrets) {
    const said = env[secret.env_var];
    if (said === undefined || secretNameOf(said) !== null) byVariable.set(secret.env_var, secret);
  }
  for (const [variable, value] of Object.entries(env)) {
    const name = secretNameOf(value);
    if (name === null || byVariable.get(variable)?.name === name) continue;
    byVariable.set(variable, { name, env_var: variable, required: true });
  }
  return [...byVariable.values()];
}
