import { isDeepStrictEqual } from 'node:util';
import { TomlDocument } from '@decimalturn/toml-patch';
import type { KeyPath } from './key-path.ts';

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where keys and values of a TOML text stand. */
export interface TomlPositions {
  /** Of the key; of its nearest written parent when it is absent; else the start of the text. */
  key(path: KeyPath): Position;
  /** Of the value; the same fall-backs. */
  value(path: KeyPath): Position;
}

const START: Position = { line: 1, column: 1 };

/** The parts that are read of a node of toml-patch's syntax tree. */
interface Node {
  readonly type: string;
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
  readonly key?: { readonly item?: KeyNode } | KeyNode;
  readonly value?: unknown;
  readonly items?: readonly Node[];
  readonly item?: Node;
}
interface KeyNode extends Node {
  readonly value: readonly string[];
}

/**
 * Finds the positions in a text that is valid TOML, which is read again only when one is asked for; where the syntax
 * tree cannot be had, everything is at the start.
 */
export function tomlPositions(text: string): TomlPositions {
  let found: ReadonlyMap<string, Place> | undefined;
  const nearest = (path: KeyPath, part: keyof Place): Position => {
    found ??= placesOf(text);
    for (let length = path.length; length > 0; length--) {
      const place = found.get(pathId(path.slice(0, length)));
      if (place) return place[part];
    }
    return START;
  };
  return { key: (path) => nearest(path, 'key'), value: (path) => nearest(path, 'value') };
}

interface Place {
  readonly key: Position;
  readonly value: Position;
}

function placesOf(text: string): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>();
  for (const [path, key, value] of walkDocument(syntaxTree(text))) {
    const id = pathId(path);
    if (!found.has(id)) found.set(id, { key, value });
  }
  return found;
}

/** TOML keys hold no NUL: smol-toml refuses them raw, and an escaped one only makes a position less exact. */
function pathId(path: KeyPath): string {
  return path.join('\0');
}

/** Line (from 1) of the header `[name]`; null when the table is written in another way or not at all. */
export function tableHeaderLine(text: string, name: string): number | null {
  const isHeader = ({ type, key }: Node) =>
    type === 'Table' && isDeepStrictEqual((key as { readonly item: KeyNode }).item.value, [name]);
  return syntaxTree(text).find(isHeader)?.loc.start.line ?? null;
}

function syntaxTree(text: string): readonly Node[] {
  try {
    // Line ends do not move a line or a column, and toml-patch prints a warning about mixed ones.
    return new TomlDocument(text.replaceAll('\r\n', '\n')).cst as unknown as readonly Node[];
  } catch {
    return []; // the two parsers disagree about this text: findings then stand at its start
  }
}

type Found = readonly [path: KeyPath, key: Position, value: Position];

function* walkDocument(blocks: readonly Node[]): Generator<Found> {
  const lengths = new Map<string, number>(); // of the arrays of tables, by path
  for (const block of blocks) {
    if (block.type === 'KeyValue') yield* walkKeyValue([], block);
    if (block.type !== 'Table' && block.type !== 'TableArray') continue;
    const header = (block.key as { readonly item: KeyNode }).item;
    const path = resolveHeader(header.value, block.type === 'TableArray', lengths);
    yield* alongKey(path, header, header);
    for (const row of block.items ?? []) if (row.type === 'KeyValue') yield* walkKeyValue(path, row);
  }
}

/** `[deploy.env]` after two `[[deploy]]` stands for `deploy`, 1, `env`. */
function resolveHeader(keys: readonly string[], opens: boolean, lengths: Map<string, number>): KeyPath {
  const path: (string | number)[] = [];
  keys.forEach((key, index) => {
    path.push(key);
    const id = pathId(path);
    const length = (lengths.get(id) ?? 0) + (opens && index === keys.length - 1 ? 1 : 0);
    if (length > 0) {
      lengths.set(id, length);
      path.push(length - 1);
    }
  });
  return path;
}

function* walkKeyValue(base: KeyPath, node: Node): Generator<Found> {
  const key = node.key as KeyNode;
  const value = node.value as Node;
  const path = [...base, ...key.value];
  yield* alongKey(path, key, value);
  yield* walkInside(path, value);
}

function* walkInside(path: KeyPath, value: Node): Generator<Found> {
  if (value.type === 'InlineTable') {
    for (const entry of value.items ?? []) if (entry.item) yield* walkKeyValue(path, entry.item);
  }
  if (value.type === 'InlineArray') {
    let index = 0;
    for (const entry of value.items ?? []) {
      if (!entry.item || entry.item.type === 'Comment') continue;
      const here = [...path, index++];
      yield [here, startOf(entry.item), startOf(entry.item)];
      yield* walkInside(here, entry.item);
    }
  }
}

/** A dotted key or a header names its parents too. */
function* alongKey(path: KeyPath, key: Node, value: Node): Generator<Found> {
  yield [path, startOf(key), startOf(value)];
  for (let length = path.length - 1; length > 0; length--) {
    yield [path.slice(0, length), startOf(key), startOf(key)];
  }
}

function startOf(node: Node): Position {
  return { line: node.loc.start.line, column: node.loc.start.column + 1 };
}
