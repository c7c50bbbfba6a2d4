import { expect, test } from 'vitest';
import { readOfficeConfig } from './config.ts';

test('what comes from outside is kept 30 days or up to a gigabyte, with 256 MB of the disk for the office, unless set', () => {
  const MB = 1024 * 1024;
  expect(readOfficeConfig({}).retention).toEqual({
    trafficDays: 30,
    trafficBytes: 1024 * MB,
    reserveBytes: 256 * MB,
  });
  const env = { TABBIFY_TRAFFIC_DAYS: '7', TABBIFY_TRAFFIC_MB: '10', TABBIFY_DISK_RESERVE_MB: '0' };
  expect(readOfficeConfig(env).retention).toEqual({
    trafficDays: 7,
    trafficBytes: 10 * MB,
    reserveBytes: 0,
  });
});

test.each([
  ['TABBIFY_TRAFFIC_DAYS', '0'],
  ['TABBIFY_TRAFFIC_DAYS', '1.5'],
  ['TABBIFY_TRAFFIC_MB', '10MB'],
  ['TABBIFY_TRAFFIC_MB', '-1'],
  ['TABBIFY_DISK_RESERVE_MB', '1e3'],
  ['TABBIFY_WARM_HOSTS', '17'],
  ['TABBIFY_WARM_HOSTS', '-1'],
])('%s=%s is refused, naming it and what it may be', (name, value) => {
  expect(() => readOfficeConfig({ [name]: value })).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      what: `${name} cannot be ${value}`,
      why: expect.stringContaining('whole number'),
    }),
  );
});

test('keeps as many processes ready for apps as suit the machine, another number, or none', () => {
  const hosts = (env: Record<string, string>) => readOfficeConfig(env).supervisor.warmHosts;
  expect([hosts({}), hosts({ TABBIFY_WARM_HOSTS: '5' }), hosts({ TABBIFY_WARM_HOSTS: '0' })]).toEqual([
    'by_memory',
    5,
    0,
  ]);
});
