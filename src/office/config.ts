import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import {
  RETENTION_DEFAULTS,
  type RetentionSettings,
  type TracingSettings,
  VERSION_LIMITS,
  type VersionLimits,
} from '../node/index.ts';
import { officeError } from './errors.ts';
import { passedListener } from './service/passed-listener.ts';
import { readTracing } from './tracing-config.ts';

/** Where one part listens. `port` 0 lets the system choose; what was chosen is printed and written to `office.json`. */
export interface Bind {
  readonly host: string;
  readonly port: number;
}

/** All settings of one machine's office: a slice per room, joined here and nowhere else (CONTRACTS §2). */
export interface OfficeConfig {
  /** Absolute path of `TABBIFY_HOME`. */
  readonly home: string;
  readonly node: {
    readonly bind: Bind;
    /** Descriptor of a socket that a service manager listens on for the node, instead of `bind`. */
    readonly passedFd: number | null;
    readonly domain: string;
    readonly publicUrl: string | null;
  };
  readonly gateway: {
    readonly bind: Bind;
    /** Where a node that runs alone finds it; without a slash at the end. */
    readonly url: string;
    /** Absolute path; null: `master.key` of the home. */
    readonly masterKeyFile: string | null;
  };
  readonly supervisor: {
    readonly bind: Bind;
    readonly name: string;
    /** Processes kept ready for the next app while memory allows; `by_memory`: as many as suit the machine. */
    readonly warmHosts: number | 'by_memory';
  };
  /** How long and how much of what comes from outside is kept, and what is left of the disk for the office itself. */
  readonly retention: RetentionSettings;
  readonly versionLimits: VersionLimits;
  /** How visits are traced; null: they are not. */
  readonly tracing: TracingSettings | null;
  readonly logLevel: string;
}

/** Command-line flags that win over the environment. */
export interface OfficeFlags {
  readonly home?: string;
  readonly nodeBind?: string;
  readonly gatewayBind?: string;
  readonly supervisorBind?: string;
  readonly supervisorName?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Joins flags, environment and defaults.
 *
 * @throws TabbifyError `config_invalid` naming the variable or flag and the form that is expected
 */
export function readOfficeConfig(env: Environment, flags: OfficeFlags = {}): OfficeConfig {
  const publicUrl = env.TABBIFY_PUBLIC_URL || null;
  if (publicUrl !== null && !URL.canParse(publicUrl)) {
    throw officeError('config_invalid', {
      what: `TABBIFY_PUBLIC_URL is not a URL: ${publicUrl}`,
      hint: 'Write it with its scheme, e.g. https://office.example.com',
    });
  }
  return {
    home: homeDirectory(env, flags.home),
    node: {
      bind: parseBind('TABBIFY_NODE_BIND', flags.nodeBind ?? env.TABBIFY_NODE_BIND ?? '127.0.0.1:8090'),
      passedFd: passedListener(env, 'node'),
      domain: env.TABBIFY_DOMAIN || 'localhost',
      publicUrl,
    },
    gateway: readGateway(env, flags),
    supervisor: {
      bind: parseBind(
        'TABBIFY_SUPERVISOR_BIND',
        flags.supervisorBind ?? env.TABBIFY_SUPERVISOR_BIND ?? '127.0.0.1:8730',
      ),
      name: supervisorName(flags.supervisorName ?? env.TABBIFY_SUPERVISOR_NAME),
      warmHosts: wholeNumber(env, 'TABBIFY_WARM_HOSTS', 'by_memory', 0, 16),
    },
    retention: readRetention(env),
    versionLimits: readVersionLimits(env),
    tracing: readTracing(env),
    logLevel: env.TABBIFY_LOG_LEVEL || 'warn',
  };
}

function readGateway(env: Environment, flags: OfficeFlags): OfficeConfig['gateway'] {
  const text = flags.gatewayBind ?? env.TABBIFY_GATEWAY_BIND ?? '127.0.0.1:8000';
  const bind = parseBind('TABBIFY_GATEWAY_BIND', text);
  const url = env.TABBIFY_GATEWAY_URL || `http://${text}`;
  if (!URL.canParse(url)) {
    throw officeError('config_invalid', {
      what: `TABBIFY_GATEWAY_URL is not a URL: ${url}`,
      hint: 'Write it with its scheme, e.g. http://127.0.0.1:8000',
    });
  }
  const masterKeyFile = env.TABBIFY_MASTER_KEY_FILE ? resolve(env.TABBIFY_MASTER_KEY_FILE) : null;
  return { bind, url: url.replace(/\/+$/, ''), masterKeyFile };
}

const MB = 1024 * 1024;

function readRetention(env: Environment): RetentionSettings {
  const { trafficDays, trafficBytes, reserveBytes } = RETENTION_DEFAULTS;
  return {
    trafficDays: wholeNumber(env, 'TABBIFY_TRAFFIC_DAYS', trafficDays, 1, 36_500),
    trafficBytes: wholeNumber(env, 'TABBIFY_TRAFFIC_MB', trafficBytes / MB, 1, 1_000_000_000) * MB,
    reserveBytes: wholeNumber(env, 'TABBIFY_DISK_RESERVE_MB', reserveBytes / MB, 0, 1_000_000_000) * MB,
  };
}

function readVersionLimits(env: Environment): VersionLimits {
  const { appBytes, officeBytes, keep } = VERSION_LIMITS;
  return {
    appBytes: wholeNumber(env, 'TABBIFY_APP_QUOTA_MB', appBytes / MB, 1, 1_000_000_000) * MB,
    officeBytes: wholeNumber(env, 'TABBIFY_OFFICE_QUOTA_MB', officeBytes / MB, 1, 1_000_000_000) * MB,
    keep: wholeNumber(env, 'TABBIFY_KEEP_VERSIONS', keep, 0, 1_000_000),
  };
}

/** @throws TabbifyError `config_invalid` */
function wholeNumber<Without extends number | string>(
  env: Environment,
  name: string,
  without: Without,
  least: number,
  most: number,
): number | Without {
  const text = env[name];
  if (text === undefined || text === '') return without;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw officeError('config_invalid', {
    what: `${name} cannot be ${text}`,
    why: `it must be a whole number from ${least} to ${most}`,
    hint: `For example ${name}=${without}, which holds when nothing is set`,
  });
}

/** `--home`, else `TABBIFY_HOME`, else `~/.tabbify`. */
export function homeDirectory(env: Environment, flag?: string): string {
  return resolve(flag ?? (env.TABBIFY_HOME || join(homedir(), '.tabbify')));
}

/**
 * Reads `host:port`; IPv6 hosts stand in brackets.
 *
 * @param setting name shown in the error
 * @throws TabbifyError `config_invalid`
 */
export function parseBind(setting: string, text: string): Bind {
  const match = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<host>[^:\s]+)):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.port);
  const host = match?.groups?.six ?? match?.groups?.host;
  if (host === undefined || port > 65_535) {
    throw officeError('config_invalid', {
      what: `${setting} is not an address to listen on: ${text}`,
      why: 'it must be host:port with a port from 0 to 65535',
      hint: `For example ${setting}=127.0.0.1:8090, or port 0 for any free one`,
    });
  }
  return { host, port };
}

function supervisorName(given: string | undefined): string {
  const short = (given || hostname().split('.')[0] || 'local').toLowerCase();
  const name = short
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63);
  return name || 'local';
}
