/** Control characters but newline and tab; those of looks are in front: SGR, ECMA-48 §8.3.117. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /(\u001b\[[0-9;:]*m)|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Bidi_Control}]/gu;
/** The beginning of looks, at the end of what has come. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BEGUN = /\u001b(?:\[[0-9;:]{0,40})?$/;

/**
 * Lets through text, lines and colours of what a stranger's program prints, in pieces as they come; all that moves the cursor, sets a
 * title or speaks to the terminal itself is left out.
 */
export function onlyColours(): (piece: string) => string {
  let rest = '';
  return (piece) => {
    const text = rest + piece;
    rest = BEGUN.exec(text)?.[0] ?? '';
    const whole = text.slice(0, text.length - rest.length);
    return whole.replaceAll(CONTROLS, (_control, looks: string | undefined) => looks ?? '');
  };
}
