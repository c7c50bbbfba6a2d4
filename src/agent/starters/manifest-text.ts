import type { StarterRequest } from './starter.ts';

/** The manifest of a starter. The outcome stands in a TOML basic string, whose escapes are those of JSON. */
export function starterManifest(request: StarterRequest): string {
  const description = [...request.outcome.trim().replace(/\s+/g, ' ')].slice(0, 200).join('');
  return [
    '[app]',
    `name        = "${request.name}"`,
    `description = ${tomlString(description)}`,
    'visibility  = "public"   # "private": only who is signed in, or has a credential of the office',
    '',
    '[build]',
    'main = "src/index.ts"    # its default export answers requests',
    '',
  ].join('\n');
}

function tomlString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f'); // JSON leaves that control character bare
}
