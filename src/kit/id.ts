import { v5, v7, validate } from 'uuid';

/** A new UUID v7 (RFC 9562): sorts by the time it was made. */
export function newId(): string {
  return v7();
}

/** An id that follows from its cause (UUID v5), so that a retried reaction appends once. */
export function derivedId(causeId: string, name: string): string {
  return v5(name, causeId);
}

/** Is this text a UUID of any version? */
export function isUuid(text: string): boolean {
  return validate(text);
}
