import { CONNECTION_FIELDS } from '../kit/index.ts';

/** Of one connection, what a client and its proxy say to each other included. */
const HOP_BY_HOP = new Set([...CONNECTION_FIELDS, 'proxy-authenticate', 'proxy-authorization']);

/**
 * The fields of a message that go on to the next connection.
 *
 * @param raw names and values in turn, as node gives them
 * @param besides other fields to leave out, in lower case
 */
export function endToEndHeaders(raw: readonly string[], besides: readonly string[] = []): string[] {
  const left = new Set([...HOP_BY_HOP, ...besides, ...namedByConnection(raw)]);
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!left.has(name.toLowerCase())) kept.push(name, raw[index + 1] ?? '');
  }
  return kept;
}

function namedByConnection(raw: readonly string[]): string[] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'connection'
      ? (raw[index + 1] ?? '').split(',').map((token) => token.trim().toLowerCase())
      : [],
  );
}
