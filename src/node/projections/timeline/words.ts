/** Words and phrases that a search may have; more of them make it slow and seldom better. */
const MAX_TERMS = 12;

/**
 * What a person typed as an expression of the index (https://www.sqlite.org/fts5.html#full_text_query_syntax): every
 * word and every "quoted phrase" must be there. Nothing in it is an operator, whatever it looks like.
 *
 * @returns null when there is no word in it
 */
export function wordsExpression(typed: string): string | null {
  // A NUL ends the expression where SQLite reads it, in the middle of a term.
  const terms = [...typed.replaceAll('\0', ' ').matchAll(/"([^"]*)"|[^\s"]+/g)]
    .map(([whole, phrase]) => phrase ?? whole)
    .filter((term) => /[\p{L}\p{N}]/u.test(term))
    .slice(0, MAX_TERMS);
  if (terms.length === 0) return null;
  return `text : (${terms.map(variants).join(' AND ')})`;
}

/**
 * The index cuts words down to their stems; the one it makes of `deploy` is another than that of `deployment`, which are
 * one to whoever searches here.
 */
function variants(term: string): string {
  if (/^\p{L}+y$/iu.test(term)) return `("${term}" OR "${term}ment")`;
  const [, stem] = /^(\p{L}+y)ments?$/iu.exec(term) ?? [];
  return stem === undefined ? `"${term}"` : `("${term}" OR "${stem}")`;
}
