/**
 * Says no to an import where it stands.
 *
 * @param hint what to do instead
 */
export function refusal(text: string, hint: string) {
  return { errors: [{ text, notes: [{ text: hint }] }] };
}
