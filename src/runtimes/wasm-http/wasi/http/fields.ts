import { WHOLE_HEAD } from '../../artifact.ts';
import type { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';
import { HostResource, RELEASE, standsFor } from '../host-resource.ts';
import { isFieldName, isFieldValue, isForbidden } from './field-rules.ts';

/** Name in lower case and value as bytes. */
export type FieldEntry = readonly [name: string, value: Uint8Array];

/** What an entry weighs besides its bytes. */
const ENTRY_BYTES = 64;
/** Weight of one set of fields; no HTTP server around takes as much. */
const MAX_FIELDS_BYTES = 128 * 1024;

const INVALID_SYNTAX = new WasiFailure({ tag: 'invalid-syntax' });
const FORBIDDEN = new WasiFailure({ tag: 'forbidden' });
const IMMUTABLE = new WasiFailure({ tag: 'immutable' });

/** `wasi:http/types.fields`. */
export class Fields extends HostResource {
  #entries: FieldEntry[] = [];
  #bytes = 0;
  readonly #mutable: boolean;
  #head: (() => Uint8Array) | null = null;

  private constructor(guest: Guest, mutable: boolean) {
    super(guest);
    this.#mutable = mutable;
  }

  /** Fields a guest made. @throws WasiFailure `invalid-syntax`, `forbidden` */
  static made(guest: Guest, entries: readonly FieldEntry[]): Fields {
    const fields = new Fields(guest, true);
    for (const [name, value] of entries) fields.#add(checked(name, value));
    return fields;
  }

  /** Fields of a message that came in or is on its way out. */
  static fixed(guest: Guest, entries: readonly FieldEntry[]): Fields {
    const fields = new Fields(guest, false);
    for (const entry of entries) fields.#add(entry);
    return fields;
  }

  /** Fields of a request that came in. @param head all of its head, see `WHOLE_HEAD` */
  static ofRequest(guest: Guest, entries: readonly FieldEntry[], head: () => Uint8Array): Fields {
    const fields = Fields.fixed(guest, entries);
    fields.#head = head;
    return fields;
  }

  get(name: string): Uint8Array[] {
    if (name === WHOLE_HEAD && this.#head !== null) return [this.#head()];
    const wanted = name.toLowerCase();
    return this.#entries.filter(([known]) => known === wanted).map(([, value]) => value);
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase();
    return this.#entries.some(([known]) => known === wanted);
  }

  set(name: string, values: readonly Uint8Array[]): void {
    const entries = values.map((value) => checked(name, value));
    this.delete(name);
    for (const entry of entries) this.#add(entry);
  }

  delete(name: string): void {
    if (!this.#mutable) throw IMMUTABLE;
    const unwanted = checkedName(name);
    const removed = this.#entries.filter(([known]) => known === unwanted);
    if (removed.length === 0) return;
    this.#entries = this.#entries.filter(([known]) => known !== unwanted);
    for (const entry of removed) this.#weigh(-weightOf(entry));
  }

  append(name: string, value: Uint8Array): void {
    if (!this.#mutable) throw IMMUTABLE;
    this.#add(checked(name, value));
  }

  entries(): readonly FieldEntry[] {
    return this.#entries;
  }

  clone(): Fields {
    return Fields.made(this.guest, this.#entries);
  }

  override [RELEASE](): void {
    this.guest.releaseBytes(this.#bytes);
    this.#bytes = 0;
    super[RELEASE]();
  }

  #add(entry: FieldEntry): void {
    this.#weigh(weightOf(entry));
    this.#entries.push(entry);
  }

  #weigh(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_FIELDS_BYTES)
      throw this.guest.trap('host_memory', 'more than 128 KiB of header fields');
    this.guest.holdBytes(bytes);
  }
}

/** The class by which one guest makes fields. */
export function fieldsOf(guest: Guest) {
  return class GuestFields {
    static readonly [Symbol.hasInstance] = standsFor(Fields);
    static readonly fromList = (entries: readonly FieldEntry[]) => Fields.made(guest, entries);

    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: what a guest constructs is an object of the shared class
      return Fields.made(guest, []);
    }
  };
}

function weightOf([name, value]: FieldEntry): number {
  return ENTRY_BYTES + name.length + value.length;
}

/** A guest declares the types of what it imports, and may have declared others than it ought to. */
function checked(name: string, value: Uint8Array): FieldEntry {
  const known = checkedName(name);
  if (!(value instanceof Uint8Array)) throw INVALID_SYNTAX;
  if (!isFieldValue(value)) throw INVALID_SYNTAX;
  return [known, value];
}

function checkedName(name: string): string {
  const lower = name.toLowerCase();
  if (!isFieldName(lower)) throw INVALID_SYNTAX;
  if (isForbidden(lower)) throw FORBIDDEN;
  return lower;
}
