import { describe, expect, it } from 'vitest';
import type { DevEvent } from '../../dev/index.ts';
import { TabbifyError } from '../../kit/index.ts';
import { eventJson } from './event-json.ts';
import { eventLines } from './event-lines.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const SPEC = { status: 422, title: 'Build failed' };
const FAILED: DevEvent = {
  event: 'failed',
  serving: true,
  error: new TabbifyError('build_failed', SPEC, {
    what: 'src/index.ts:13:9: Unexpected "2"',
    why: '13 | let a = 1 2;\n               ^',
    hint: 'Correct the source at that place.',
  }),
};
const shown = (event: DevEvent) => eventLines(event, NOW, (_style, text) => text);

describe('what tcli dev shows', () => {
  it('breaks no line of source, and says that the app serves on', () => {
    const lines = shown(FAILED);
    expect(lines.map(({ text }) => text.slice(10))).toEqual([
      'error src/index.ts:13:9: Unexpected "2"',
      '13 | let a = 1 2;',
      '               ^',
      'Correct the source at that place.',
      'What was saved before goes on serving.',
    ]);
    expect(lines.map(({ isProse }) => isProse)).toEqual([true, false, false, true, true]);
  });

  it('lets no text of an app or a visitor reach the terminal as a command', () => {
    const told: DevEvent[] = [
      { event: 'log', origin: 'stdout', line: '\u001b[2Jgone' },
      { event: 'request', method: 'GET', path: '/\u001b[2J', status: 200, ms: 1 },
      { event: 'ended', reason: '\u001b[2J' },
    ];
    for (const event of told)
      expect(
        shown(event)
          .map(({ text }) => text)
          .join(),
      ).not.toContain('\u001b');
  });

  it('says in one line what an app may call, and that no other apps are here', () => {
    const textOf = (hosts: readonly string[], apps: readonly string[] = []) =>
      shown({ event: 'grant', hosts, apps }).map(({ text }) => text.slice(10));
    expect(textOf(['api.stripe.com', '*.example.com'], ['app:shop'])).toEqual([
      'may call  api.stripe.com, *.example.com',
      'app:shop cannot be: no other apps run here',
    ]);
    expect(textOf([])).toEqual(['may call  nothing outside']);
    const many = Array.from({ length: 9 }, (_, index) => `${index}.example`);
    expect(textOf(many)).toEqual([`may call  ${many.slice(0, 6).join(', ')} and 3 more`]);
  });

  it('gives machines the place of an error apart', () => {
    expect(eventJson(FAILED, NOW)).toEqual({
      time: '2026-11-21T12:00:00.000Z',
      event: 'failed',
      serving: true,
      error: {
        code: 'build_failed',
        what: 'src/index.ts:13:9: Unexpected "2"',
        why: '13 | let a = 1 2;\n               ^',
        hint: 'Correct the source at that place.',
        ...{ file: 'src/index.ts', line: 13, column: 9 },
      },
    });
  });
});
