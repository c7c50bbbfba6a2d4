import { expect, it } from 'vitest';
import { readTracing } from './tracing-config.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

it.each([
  {},
  { OTEL_SERVICE_NAME: 'office', OTEL_TRACES_SAMPLER: 'always_on' },
  { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' },
  { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
])('traces nothing with %j', (env) => {
  expect(readTracing(env)).toBeNull();
});

it('takes the endpoint of traces as it stands, and adds the path to the common one', () => {
  expect(readTracing(ENDPOINT)).toEqual({
    url: 'http://collector:4318/v1/traces',
    sampler: 'parentbased_always_on',
    ratio: 1,
    tls: {},
  });
  const below = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c.example/otlp/' };
  expect(readTracing(below)?.url).toBe('https://c.example/otlp/v1/traces');
  const own = { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://other/' };
  expect(readTracing(own)?.url).toBe('https://other/');
});

it('reads the files that a collector behind TLS asks for', () => {
  const env = {
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere',
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: import.meta.filename,
  };
  const tls = readTracing({ ...env, OTEL_EXPORTER_OTLP_CLIENT_KEY: import.meta.filename })?.tls;
  expect([tls?.ca?.includes('a collector behind TLS'), tls?.key?.length, tls?.cert]).toEqual([
    true,
    tls?.ca?.length,
    undefined,
  ]);
});

it('reads the sampler and its share', () => {
  const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
  expect(readTracing(env)).toMatchObject({ sampler: 'traceidratio', ratio: 0.25 });
});

it.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nonsense' }],
  ['OTEL_TRACES_EXPORTER', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', { ...ENDPOINT, OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere.pem' }],
  ['OTEL_TRACES_SAMPLER', { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'jaeger_remote' }],
  [
    'OTEL_TRACES_SAMPLER_ARG',
    { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' },
  ],
])('says of %s what is wrong with it', (variable, env) => {
  expect(() => readTracing(env)).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      what: expect.stringContaining(`${variable} cannot be`),
      hint: expect.stringContaining(`${variable}=`),
    }),
  );
});
