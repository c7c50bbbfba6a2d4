/** A note as it is kept. */
export interface Note {
  readonly title: string;
  readonly text: string;
  /** When it was changed last, as ISO 8601. */
  readonly changed: string;
}

/** Characters. */
export const LONGEST = { title: 200, text: 10_000 } as const;

/** What a caller has sent as a note, or a sentence about what is wrong with it. */
export function readNote(value: unknown): Omit<Note, 'changed'> | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'A note is a JSON object';
  const { title, text = '' } = value as { title?: unknown; text?: unknown };
  if (typeof title !== 'string' || title.trim() === '') return '`title` is missing: a text that is not empty';
  if (typeof text !== 'string') return '`text` is not a text';
  if (title.length > LONGEST.title) return `\`title\` has more than ${LONGEST.title} characters`;
  if (text.length > LONGEST.text) return `\`text\` has more than ${LONGEST.text} characters`;
  return { title: title.trim(), text };
}
