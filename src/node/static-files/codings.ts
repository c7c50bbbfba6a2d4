/** How a file can be sent in fewer bytes, the shortest first. */
export type Coding = 'br' | 'gzip';

const KNOWN: readonly Coding[] = ['br', 'gzip'];
const remembered = new Map<string, readonly Coding[]>();
const MAX_REMEMBERED = 500;
/** Characters; what browsers send is far shorter. */
const MAX_LENGTH = 100;

/**
 * The codings that a visitor takes, the preferred one first (RFC 9110 §12.5.3); those that it likes less than the file as
 * it is are left out.
 */
export function codingsFor(acceptEncoding: string | null): readonly Coding[] {
  if (acceptEncoding === null) return [];
  const known = remembered.get(acceptEncoding);
  if (known !== undefined) return known;
  const codings = read(acceptEncoding);
  if (acceptEncoding.length > MAX_LENGTH) return codings;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear(); // they come from outside
  remembered.set(acceptEncoding, codings);
  return codings;
}

function read(acceptEncoding: string): readonly Coding[] {
  const weights = new Map<string, number>();
  for (const entry of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const q = parameters.find((each) => each.startsWith('q='))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    weights.set(name === 'x-gzip' ? 'gzip' : name, Number.isFinite(weight) ? weight : 0);
  }
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0;
  const asItIs = weights.get('identity') ?? 0;
  return KNOWN.filter((coding) => weightOf(coding) > 0 && weightOf(coding) >= asItIs).sort(
    (a, b) => weightOf(b) - weightOf(a),
  );
}
