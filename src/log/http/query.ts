import type { z } from 'zod';
import { logError } from '../errors.ts';
import { checkQuery } from '../filter.ts';
import type { EventFilter, ReadQuery, SubscribeQuery } from '../log-store.ts';
import { eventsQuery, streamQuery } from './schemas.ts';

/** Parameters of a URL; a repeated one has several values. */
export type RawQuery = Readonly<Record<string, readonly string[]>>;

/** @throws TabbifyError `query_invalid` naming the parameter */
export function parseEventsQuery(raw: RawQuery): ReadQuery {
  const query = parse(eventsQuery, raw);
  const { before, since, until, order, limit } = query;
  const after = cursorOf(query);
  return {
    ...filterOf(query),
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(order !== undefined && { order }),
    ...(limit !== undefined && { limit }),
  };
}

/**
 * @param lastEventId header of a reader that resumes; it wins, because a browser repeats the first URL
 * @throws TabbifyError `query_invalid` naming the parameter
 */
export function parseStreamQuery(raw: RawQuery, lastEventId: string | undefined): SubscribeQuery {
  const query = parse(streamQuery, raw);
  const resumed = lastEventId ? parse(streamQuery, { after: [lastEventId] }).after : undefined;
  const checked = { ...filterOf(query), after: resumed ?? cursorOf(query) ?? 0 };
  checkQuery({ ...checked, limit: 1 }); // now, while the answer can still be a 400
  return checked;
}

const PLAIN = ['after', 'before', 'since', 'until', 'order', 'limit', 'subject', 'actor', 'class'] as const;

/**
 * The URL parameters of a query, as `parseEventsQuery` reads them. Offices are not among them: who asks decides which
 * of them the server looks at.
 */
export function queryParams(query: ReadQuery): URLSearchParams {
  const params = new URLSearchParams();
  for (const name of PLAIN) if (query[name] !== undefined) params.set(name, String(query[name]));
  // An empty list passes nothing; a parameter without a value says so.
  for (const segment of listed(query.segments)) params.append('segment', segment);
  for (const type of listed(query.types)) params.append('type', type);
  return params;
}

function listed(values: readonly string[] | undefined): readonly string[] {
  return values?.length === 0 ? [''] : (values ?? []);
}

function cursorOf({ after, from }: z.infer<typeof streamQuery>): number | undefined {
  if (after !== undefined && from !== undefined) {
    throw invalid('`after` and `from` both say where to begin', 'Send one of them');
  }
  return after ?? (from === undefined ? undefined : Math.max(0, from - 1));
}

function filterOf(query: z.infer<typeof streamQuery>): EventFilter {
  const segments = valuesOf(query.segment);
  const types = valuesOf(query.type);
  return {
    ...(segments && { segments }),
    ...(types && { types }),
    ...(query.subject !== undefined && { subject: query.subject }),
    ...(query.actor !== undefined && { actor: query.actor }),
    ...(query.class !== undefined && { class: query.class }),
  };
}

function valuesOf(value: string | string[] | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  return [value].flat().filter((one) => one !== '');
}

function parse<Schema extends z.ZodType>(schema: Schema, raw: RawQuery): z.infer<Schema> {
  const flat = Object.fromEntries(
    Object.entries(raw).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
  const parsed = schema.safeParse(flat);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw invalid(`\`${first?.path.join('.')}\`: ${first?.message}`, 'Mend the parameter and ask again');
}

function invalid(why: string, hint: string) {
  return logError('query_invalid', { what: 'The log cannot be read like this', why, hint });
}
