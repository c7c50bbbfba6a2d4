import { RESERVED_SLUGS, slugOf } from '../app/index.ts';

/** Words that say nothing about what the app is. */
const FILLER = new Set(
  (
    'a an the my our your his her its their some this that these of for to in on at by with about and or as from into me us i we you please ' +
    'make build create write give need want show shows showing which lists list listing returns return returning serve serves tells says ' +
    'small simple little tiny nice new app application page website web site webpage landing homepage service server ' +
    'api endpoint rest json http'
  ).split(' '),
);

/** Words of a name: enough to recognise it, short enough for a host name. */
const MAX_WORDS = 3;

/**
 * A slug from the words of an outcome that carry meaning, e.g. `bakery` from "a page for my bakery".
 *
 * @param taken slugs of the office's apps; a number is appended until it is free
 * @param fallback used where the outcome has no usable word, e.g. in a script without Latin letters
 */
export function slugForOutcome(outcome: string, taken: ReadonlySet<string>, fallback: string): string {
  const [subject = ''] = outcome.split(/[,;:.!?]\s/); // what follows tells more about it
  const told = tellingWords(subject);
  const words = (told.length > 0 ? told : tellingWords(outcome)).slice(0, MAX_WORDS);
  const wish = words.join('-').slice(0, 50).replace(/-+$/, '') || fallback;
  const base = usable(wish) ? wish : `my-${wish}`;
  if (!taken.has(base)) return base;
  for (let n = 2; ; n++) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}

function tellingWords(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/[\p{Mark}'’]/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !FILLER.has(word));
}

function usable(slug: string): boolean {
  if (RESERVED_SLUGS.has(slug)) return false;
  try {
    return slugOf(slug) === slug;
  } catch {
    return false;
  }
}

/**
 * What the outcome is about, as a title: "a page for my bakery" becomes "My bakery".
 *
 * @returns plain text, at most 80 characters; whoever shows it escapes it
 */
export function titleOf(outcome: string): string {
  const asked = outcome
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[.!?]+$/, '');
  const subject =
    /^(?:please )?(?:(?:make|build|create|write|give)(?: me| us)? )?(?:an?|the|my)?\s*(?:[\w-]+ ){0,2}?(?:page|website|web ?site|site|api|app|service|endpoint)s?\s+(?:for|about|of)\s+(?<subject>.+)$/i.exec(
      asked,
    )?.groups?.subject ?? asked;
  const title = [...subject].slice(0, 80).join('');
  return title === '' ? 'Hello' : title.charAt(0).toUpperCase() + title.slice(1);
}
