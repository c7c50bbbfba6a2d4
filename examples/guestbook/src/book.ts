import { sql } from '@tabbify/sdk';

/** What a visitor has left. */
export interface Entry {
  readonly id: number;
  readonly name: string;
  readonly message: string;
  /** When, as ISO 8601. */
  readonly at: string;
}

/** Where entries are kept. */
export interface Book {
  add(entry: Omit<Entry, 'id'>): Promise<void>;
  /** The newest of those before `before`, newest first. */
  read(before: number, count: number): Promise<Entry[]>;
  count(): Promise<number>;
}

/** A book in the app's own database. */
export function sqlBook(): Book {
  let ready: Promise<unknown> | undefined;
  // With the first use, not when the module is loaded: a module may also be loaded while the app is built.
  const table = () => {
    ready ??= Promise.resolve(
      sql`create table if not exists entries (id integer primary key, name text not null, message text not null, at text not null)`,
    ).catch((error) => {
      ready = undefined; // the next visitor tries again
      throw error;
    });
    return ready;
  };
  return {
    async add({ name, message, at }) {
      await table();
      await sql.run`insert into entries (name, message, at) values (${name}, ${message}, ${at})`;
    },
    async read(before, count) {
      await table();
      return await sql<Entry>`select * from entries where id < ${before} order by id desc limit ${count}`;
    },
    async count() {
      await table();
      return (await sql.first<{ n: number }>`select count(*) as n from entries`)?.n ?? 0;
    },
  };
}
