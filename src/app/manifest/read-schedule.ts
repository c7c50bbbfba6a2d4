import { CronPattern } from 'croner';
import { messageOf } from '../../kit/index.ts';
import { whyNotEmitted } from '../segments.ts';
import { type Findings, named, quoted } from './findings.ts';
import type { KeyPath } from './key-path.ts';
import type { ManifestReader } from './manifest-reader.ts';
import type { Manifest, Schedule } from './model.ts';
import { required } from './read-parts.ts';

/** `[[schedule]]`. @param emitSegments of the capabilities: a schedule says events on no other */
export function readSchedule(
  reader: ManifestReader,
  findings: Findings,
  emitSegments: readonly string[],
): Manifest['schedule'] {
  const names = new Set<string>();
  return reader.tables(['schedule']).map((path) => {
    const name = required(reader, findings, [...path, 'name']);
    if (name !== '' && names.has(name)) {
      findings.atValue([...path, 'name'], `another schedule is named ${quoted(name)}`, 'choose another name');
    }
    names.add(name);
    const cron = required(reader, findings, [...path, 'cron']);
    if (cron !== '') checkCron(findings, [...path, 'cron'], cron);
    return {
      name,
      cron,
      timezone: readZone(reader, findings, path),
      ...readAim(reader, findings, path, emitSegments),
    };
  });
}

function checkCron(findings: Findings, path: KeyPath, cron: string): void {
  const fields = cron.trim().split(/\s+/).length;
  const isNickname = fields === 1 && cron.startsWith('@');
  try {
    if (fields !== 5 && !isNickname) throw new Error(`it has ${fields} ${fields === 1 ? 'field' : 'fields'}`);
    new CronPattern(cron, 'UTC', { mode: '5-part' });
    return;
  } catch (error) {
    const why = messageOf(error)
      .replace(/^CronPattern: /, '')
      .replace(/\.$/, '');
    const hint =
      'five fields: minute, hour, day, month, weekday, e.g. "0 9 * * 1-5" for 9:00 on working days';
    findings.atValue(path, `\`schedule.cron\` cannot be ${quoted(cron)}: ${why}`, hint);
  }
}

function readZone(reader: ManifestReader, findings: Findings, schedule: KeyPath): string {
  const path = [...schedule, 'timezone'];
  const zone = reader.text(path) ?? 'UTC';
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    findings.atValue(path, `${quoted(zone)} is no time zone`, 'write e.g. timezone = "Europe/Berlin"');
    return 'UTC';
  }
}

function readAim(
  reader: ManifestReader,
  findings: Findings,
  schedule: KeyPath,
  emitSegments: readonly string[],
): Pick<Schedule, 'path' | 'segment'> {
  const [atPath, atSegment] = [
    [...schedule, 'path'],
    [...schedule, 'segment'],
  ];
  const path = reader.text(atPath);
  const segment = reader.text(atSegment);
  if (!reader.has(atPath) && !reader.has(atSegment)) {
    findings.atKey('error', schedule, 'a schedule calls nothing', 'add path = "/jobs/nightly", or a segment');
  }
  if (path !== null && segment !== null) {
    findings.atValue(atSegment, `a schedule has either a path or a segment`, 'make two schedules of it');
  }
  if (path !== null && !/^\/[\x21-\x7e]*$/.test(path)) {
    findings.atValue(atPath, `${named(atPath)} is no path of a URL`, 'write e.g. path = "/jobs/nightly"');
  }
  if (segment !== null && whyNotEmitted(segment) === null && !emitSegments.includes(segment)) {
    const hint = `add ${quoted(segment)} to \`emit_segments\` under [capabilities]`;
    findings.atValue(
      atSegment,
      `${quoted(segment)} is not among the segments that the app may emit on`,
      hint,
    );
  } else if (segment !== null && whyNotEmitted(segment) !== null) {
    findings.atValue(
      atSegment,
      `${quoted(segment)}: ${whyNotEmitted(segment)}`,
      'write e.g. "tenant_*.jobs"',
    );
  }
  return { path, segment };
}
