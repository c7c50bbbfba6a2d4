import type { Manifest } from '../manifest/model.ts';
import { secretNameOf } from '../manifest/secret-reference.ts';
import type { GrantedSecret } from './app-grant.ts';
import { type CapabilityLimits, DEFAULT_LIMITS } from './limits.ts';
import { ownPatterns, ownSegment } from './segment-pattern.ts';

/**
 * All that a version asks for and a person must have granted (CONTRACTS §4a), as capabilities. What depends on the place where it is
 * run, its isolation class, is not among them.
 *
 * @param office segments are written for it: `tenant_*.x` is `tenant_<office>.x`
 * @param limits what an app may use without asking
 * @returns in code unit order, each once
 */
export function requestedCapabilities(
  manifest: Manifest,
  office: string,
  limits: CapabilityLimits = DEFAULT_LIMITS,
): string[] {
  const { app, build, capabilities, deploy } = manifest;
  const lines = [
    ...capabilities.httpAllowList.map((entry) => `http:${entry}`),
    ...subscriptions(manifest, office),
    ...capabilities.emitSegments.map((segment) => `emit:${ownSegment(segment, office)}`),
    ...capabilities.actions.map((action) => `action:${action}`),
    ...secretLines(manifest),
    ...(app.visibility === 'public' ? ['visibility:public'] : []),
    ...scheduleLines(manifest, office),
    ...deploy.map(({ supervisor }) => `host:${supervisor}`),
    ...build.network.map((entry) => `build-network:${entry}`),
    ...limitLines(manifest, limits),
  ];
  return [...new Set(lines)].sort();
}

/** Secrets whose values are given to every instance of the app: of `[[secrets]]`, and of `[env]` as `secret:NAME`. */
export function secretsOf({ secrets, env }: Manifest): GrantedSecret[] {
  return [
    ...secrets
      .filter(({ inject }) => inject)
      .map(({ name, envVar, required }) => ({ name, env_var: envVar, required })),
    ...Object.entries(env).flatMap(([variable, value]) => {
      const name = secretNameOf(value);
      return name === null ? [] : [{ name, env_var: variable, required: true }];
    }),
  ];
}

function subscriptions({ capabilities }: Manifest, office: string): string[] {
  const { subscribeSegments, subscribeFrom } = capabilities;
  if (subscribeSegments.length === 0) return [];
  const patterns = subscribeSegments
    .flatMap((pattern) => ownPatterns(pattern, office))
    .map((pattern) => `subscribe:${pattern}`);
  return subscribeFrom === 'now' ? patterns : [...patterns, `subscribe-from:${subscribeFrom}`];
}

function secretLines(manifest: Manifest): string[] {
  const held = manifest.secrets
    .filter(({ inject }) => !inject)
    .flatMap(({ name, hosts }) => hosts.map((host) => `secret-for:${name}@${host}`));
  const ofTargets = manifest.deploy.flatMap(({ env }) =>
    Object.values(env).flatMap((value) => secretNameOf(value) ?? []),
  );
  return [
    ...held,
    ...[...secretsOf(manifest).map(({ name }) => name), ...ofTargets].map((name) => `secret:${name}`),
  ];
}

function scheduleLines({ schedule }: Manifest, office: string): string[] {
  return schedule.map(({ name, cron, timezone, path, segment }) => {
    const aim = path ?? ownSegment(segment ?? '', office);
    return `schedule:${name} ${cron.trim().split(/\s+/).join(' ')} ${timezone} ${aim}`;
  });
}

function limitLines({ runtime }: Manifest, limits: CapabilityLimits): string[] {
  const asked: CapabilityLimits = {
    memory_mb: runtime.memoryMb,
    vcpus: runtime.vcpus,
    data_mb: runtime.dataMb,
    fuel_per_request: runtime.fuelPerRequest,
  };
  return Object.entries(limits).flatMap(([name, most]) => {
    const value = asked[name as keyof CapabilityLimits];
    return value > most ? [`limit:${name}=${value}`] : [];
  });
}
