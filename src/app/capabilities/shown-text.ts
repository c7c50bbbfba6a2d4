const PLAIN = /^[A-Za-z0-9_.:*@/[\]-]+$/;
/** Controls, marks of direction, and everything else that is not seen or looks like a space. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}]|(?! )\p{Z}/gu;

/**
 * A text as one string of TOML, in which nothing can move a cursor, turn the direction of writing or hide: such characters are
 * written as `\uXXXX`.
 */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xff_ff
      ? `\\U${code.toString(16).padStart(8, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** As it is when it is made of letters, digits and the punctuation of names and places; else in quotes. */
export function shownText(text: string): string {
  return PLAIN.test(text) ? text : quotedText(text);
}
