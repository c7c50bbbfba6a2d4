/** Puts the canary's port into a text of the table. */
export function withPort(text: string, port: number): string {
  return text.replaceAll('{port}', String(port));
}
