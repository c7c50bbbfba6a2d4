const PREFIX = 'secret:';

/** The secret that an `[env]` value `secret:NAME` stands for; null for plain text. */
export function secretNameOf(value: string): string | null {
  return value.startsWith(PREFIX) ? value.slice(PREFIX.length) : null;
}
