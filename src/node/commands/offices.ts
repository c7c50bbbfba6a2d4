import { slugOf } from '../../app/index.ts';
import { type Clock, TabbifyError } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { appBySlug, domainEvent, type OfficeEntry, officeSegment } from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { appendedBefore } from './appended-before.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';

export interface OfficeCommandTools {
  readonly log: LogStore;
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly clock: Clock;
}

/**
 * Makes an office of its own on this machine. Its slug is for ever.
 *
 * @param wanted `slug` null: made from the name
 * @throws request_invalid; name_reserved; name_taken
 */
export function createOffice(
  { log, live, commands, clock }: OfficeCommandTools,
  asker: Asker,
  wanted: { readonly slug: string | null; readonly name: string },
): Promise<OfficeEntry> {
  const slug = officeSlug(wanted.slug ?? wanted.name, wanted.slug !== null);
  const id = idFor(asker, `office ${slug}`);
  return commands.run(async () => {
    requireInForce(asker.principal);
    const { offices } = live.office;
    const known = offices.get(slug);
    if (known === undefined) {
      if (appBySlug(live.office, slug) !== null) throw nameOfAnApp(slug);
      const context = { actor: asker.principal.actor, source: '/node', office: slug, id, clock };
      await commands.append(domainEvent('office_created', { office: slug, name: wanted.name }, context));
    } else if (!(await appendedBefore(log, officeSegment(slug, 'members'), `office/${slug}`, id))) {
      throw nodeError('name_taken', {
        what: `There is an office '${slug}' already`,
        hint: 'Choose another name or slug; see `tabbify office list`',
      });
    }
    const made = offices.get(slug);
    if (made !== undefined) return made;
    throw nodeError('idempotency_conflict', {
      what: 'This Idempotency-Key was used for something else',
      hint: 'Use a new key',
    });
  });
}

/** Its apps would answer below the address of that app, and share cookies with it. */
function nameOfAnApp(slug: string) {
  return nodeError('name_taken', {
    what: `No office can be named '${slug}'`,
    why: 'an app of the first office has that name, and the new office’s apps would have addresses below its own',
    hint: 'Choose another slug',
  });
}

/** An office's slug follows the rules of an app's: it stands in host names, segments and paths. */
function officeSlug(text: string, isSlug: boolean): string {
  let slug: string;
  try {
    slug = slugOf(text);
  } catch (cause) {
    if (!(cause instanceof TabbifyError)) throw cause;
    const reserved = cause.code === 'app_name_reserved';
    throw nodeError(reserved ? 'name_reserved' : 'request_invalid', {
      what: `${JSON.stringify(text.slice(0, 80))} cannot be the slug of an office`,
      why: reserved ? 'the platform keeps that name for itself' : (cause.why ?? cause.message),
      hint: 'Choose another, such as `my-company`',
      cause,
    });
  }
  if (!isSlug || slug === text) return slug;
  throw nodeError('request_invalid', {
    what: `${JSON.stringify(text.slice(0, 80))} is not a slug`,
    why: 'a slug has lower-case letters, digits and single hyphens',
    hint: `For example '${slug}'`,
  });
}
