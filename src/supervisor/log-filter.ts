import { LOG_ORIGINS, type LogLine, type LogOrigin } from '../runner/index.ts';
import { supervisorError } from './errors.ts';

/** Which lines of a log are wanted. Times are milliseconds since the epoch. */
export interface LogFilter {
  readonly since: number | null;
  /** Lines before this moment. */
  readonly until: number | null;
  /** Empty: of all. */
  readonly origins: readonly LogOrigin[];
  /** Lower-case text that the line holds; empty: any. */
  readonly text: string;
}

/** What a reader of a log asks for. */
export interface LogQuery extends LogFilter {
  /** How many of the last lines that match. */
  readonly tail: number;
  readonly follow: boolean;
  readonly format: 'text' | 'jsonl';
}

const DEFAULT_LINES = 200;
const MAX_LINES = 10_000;
const MAX_TEXT = 1_000;
const NAMES = new Set(['tail', 'lines', 'follow', 'since', 'until', 'origin', 'q', 'format']);
/** RFC 3339; a date alone is its midnight in UTC. */
const MOMENT = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads the query of `GET /v1/apps/{uuid}/logs`. `lines` is the older name of `tail`.
 *
 * @throws TabbifyError `query_invalid` naming the value and what would be one
 */
export function readLogQuery(query: URLSearchParams): LogQuery {
  for (const name of query.keys()) {
    if (!NAMES.has(name)) {
      throw invalid(name, query.get(name) ?? '', 'no filter has this name', `Use ${[...NAMES].join(', ')}`);
    }
  }
  const follow = flag(query.get('follow'));
  const since = moment('since', query.get('since'));
  const until = moment('until', query.get('until'));
  if (follow && until !== null) {
    throw invalid(
      'until',
      query.get('until') ?? '',
      'what is followed has no end',
      'Leave `until` or `follow` out',
    );
  }
  if (since !== null && until !== null && since >= until) {
    throw invalid('until', query.get('until') ?? '', 'it is not after `since`', 'Give a later time');
  }
  return {
    since,
    until,
    origins: origins(query.getAll('origin')),
    text: text(query.get('q')),
    tail: count(query.get('tail') ?? query.get('lines')),
    follow,
    format: format(query.get('format')),
  };
}

/** Is this line wanted? One without a time is when a time is asked for: the engine's last words belong to what is near. */
export function matches(line: LogLine, filter: LogFilter): boolean {
  if (filter.origins.length > 0 && !filter.origins.includes(line.origin)) return false;
  if (filter.text !== '' && !line.line.toLowerCase().includes(filter.text)) return false;
  if (line.time === '' || (filter.since === null && filter.until === null)) return true;
  const at = Date.parse(line.time);
  return !(filter.since !== null && at < filter.since) && !(filter.until !== null && at >= filter.until);
}

function count(asked: string | null): number {
  if (asked === null) return DEFAULT_LINES;
  if (/^\d{1,5}$/.test(asked) && Number(asked) <= MAX_LINES) return Number(asked);
  const why = `it must be a whole number from 0 to ${MAX_LINES}`;
  throw invalid('tail', asked, why, 'For example `tail=500`');
}

function flag(asked: string | null): boolean {
  if (asked === null || asked === '0' || asked === 'false') return false;
  if (asked === '' || asked === '1' || asked === 'true') return true;
  throw invalid('follow', asked, 'it is 1 or 0', 'For example `follow=1`');
}

function moment(name: string, asked: string | null): number | null {
  if (asked === null) return null;
  const at = MOMENT.test(asked) ? Date.parse(asked) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw invalid(name, asked, 'it is no time of RFC 3339', `For example \`${name}=2026-11-21T14:00:00Z\``);
}

function origins(asked: readonly string[]): readonly LogOrigin[] {
  return asked.flatMap((list) =>
    list.split(',').map((each) => {
      const known = LOG_ORIGINS.find((origin) => origin === each);
      if (known !== undefined) return known;
      const why = `it is one of ${LOG_ORIGINS.join(', ')}`;
      throw invalid('origin', each, why, 'For example `origin=stderr`, or several with commas between');
    }),
  );
}

function text(asked: string | null): string {
  if (asked === null || asked.length <= MAX_TEXT) return (asked ?? '').toLowerCase();
  throw invalid(
    'q',
    `${asked.slice(0, 20)}…`,
    `it has more than ${MAX_TEXT} characters`,
    'Search for a part',
  );
}

function format(asked: string | null): 'text' | 'jsonl' {
  if (asked === null || asked === 'text') return 'text';
  if (asked === 'jsonl') return asked;
  throw invalid('format', asked, 'it is text or jsonl', 'For example `format=jsonl`: one JSON object a line');
}

function invalid(name: string, value: string, why: string, hint: string) {
  return supervisorError('query_invalid', { what: `\`${name}=${value}\` cannot be used`, why, hint });
}
