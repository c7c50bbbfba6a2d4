import { expect, test } from 'vitest';
import { DenialLog } from './denial-log.ts';

function open() {
  const clock = { time: 0, now: () => clock.time };
  const lines: string[] = [];
  return { clock, lines, denials: new DenialLog((line) => lines.push(line), clock) };
}

test('each denial is said once a minute, quoted, so that no name can forge a line', () => {
  const { clock, lines, denials } = open();
  for (let turn = 0; turn < 3; turn++) denials.host('api.example.com');
  denials.host('evil"]\nplatform: all is well');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/http_allow_list = \["api\.example\.com"\]$/);
  expect(lines[1]).not.toContain('\n');
  clock.time = 60_000;
  denials.host('api.example.com');
  expect(lines).toHaveLength(3);
});

test('an app that invents hosts fills no log: after 200 of them one line says that there are more, once a minute', () => {
  const { clock, lines, denials } = open();
  for (let turn = 0; turn < 5_000; turn++) denials.host(`host-${turn}.example.com`);
  expect(lines).toHaveLength(201);
  expect(lines.at(-1)).toContain('more than 200');
  clock.time = 60_000;
  denials.host('later.example.com');
  expect(lines).toHaveLength(202);
  expect(lines.at(-1)).toContain('later.example.com');
});

test('a long name is cut', () => {
  const { lines, denials } = open();
  denials.host('x'.repeat(100_000));
  expect(lines[0]?.length).toBeLessThan(1_000);
});
