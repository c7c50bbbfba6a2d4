import { readFileSync } from 'node:fs';
import { messageOf } from '../kit/index.ts';
import { SAMPLERS, type TracingSettings } from '../node/index.ts';
import { officeError } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that OpenTelemetry has for everybody
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 *
 * @returns null: nothing is traced, as no endpoint is named or tracing is turned off
 * @throws TabbifyError `config_invalid`
 */
export function readTracing(env: Environment): TracingSettings | null {
  const exporter = env.OTEL_TRACES_EXPORTER || 'otlp';
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || exporter === 'none') return null;
  const url = urlOf(env);
  if (url === null) return null;
  if (exporter !== 'otlp') {
    throw invalid('OTEL_TRACES_EXPORTER', exporter, 'traces are sent by OTLP alone', 'otlp');
  }
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/json';
  if (!protocol.startsWith('http/')) {
    const why = 'spans are sent by HTTP as JSON, which collectors take at port 4318';
    throw invalid('OTEL_EXPORTER_OTLP_PROTOCOL', protocol, why, 'http/json');
  }
  const name = env.OTEL_TRACES_SAMPLER || 'parentbased_always_on';
  const sampler = SAMPLERS.find((each) => each === name);
  if (sampler === undefined) {
    throw invalid(
      'OTEL_TRACES_SAMPLER',
      name,
      `it must be one of ${SAMPLERS.join(', ')}`,
      'parentbased_always_on',
    );
  }
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG || 1);
  if (sampler.endsWith('ratio') && !(ratio >= 0 && ratio <= 1)) {
    const why = 'it must be the part of all traces that is recorded, from 0 to 1';
    throw invalid('OTEL_TRACES_SAMPLER_ARG', String(env.OTEL_TRACES_SAMPLER_ARG), why, '0.1');
  }
  return { url, sampler, ratio, tls: tlsOf(env) };
}

const TLS_FILES = { ca: 'CERTIFICATE', cert: 'CLIENT_CERTIFICATE', key: 'CLIENT_KEY' } as const;

function tlsOf(env: Environment): TracingSettings['tls'] {
  const tls: { -readonly [Name in keyof TracingSettings['tls']]: Buffer } = {};
  for (const [name, suffix] of Object.entries(TLS_FILES) as [keyof typeof TLS_FILES, string][]) {
    const own = `OTEL_EXPORTER_OTLP_TRACES_${suffix}`;
    const variable = env[own] ? own : `OTEL_EXPORTER_OTLP_${suffix}`;
    const file = env[variable];
    if (!file) continue;
    try {
      tls[name] = readFileSync(file);
    } catch (error) {
      throw invalid(variable, file, messageOf(error), '/etc/otel/collector.pem');
    }
  }
  return tls;
}

/** The endpoint of traces as it stands; the one of all signals with the path that OTLP has for traces. */
function urlOf(env: Environment): string | null {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const common = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const [variable, text] = own
    ? ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', own]
    : ['OTEL_EXPORTER_OTLP_ENDPOINT', common];
  if (!text) return null;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw invalid(
      variable,
      text,
      'it must be a URL that begins with http:// or https://',
      'http://localhost:4318',
    );
  }
  return own ? text : `${text.replace(/\/$/, '')}/v1/traces`;
}

function invalid(variable: string, value: string, why: string, example: string) {
  return officeError('config_invalid', {
    what: `${variable} cannot be ${value}`,
    why,
    hint: `For example ${variable}=${example}`,
  });
}
