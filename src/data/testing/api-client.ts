import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';

/** The app API at a port, as an app's `fetch` sees it. */
export interface ApiClient extends AsyncDisposable {
  /** Base URL. */
  readonly url: string;
  sql(sql: string, params?: unknown): Promise<SqlAnswer>;
  batch(batch: readonly { readonly sql: string; readonly params?: unknown }[]): Promise<SqlAnswer>;
  kv(method: string, path: string, options?: KvOptions): Promise<Response>;
}

interface KvOptions {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

export interface SqlAnswer {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly columns?: readonly string[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly changes?: number;
  readonly last_insert_rowid?: string | null;
  readonly results?: readonly SqlAnswer[];
}

export async function callApi(platform: (stream: Duplex) => void): Promise<ApiClient> {
  const server = createServer(platform);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = async (body: unknown): Promise<SqlAnswer> => {
    const response = await fetch(`${url}/v1/sql`, { method: 'POST', body: JSON.stringify(body) });
    return { ...((await response.json()) as object), status: response.status };
  };
  return {
    url,
    sql: (sql, params) => post({ sql, params }),
    batch: (batch) => post({ batch }),
    kv: (method, path, options = {}) => fetch(`${url}/v1/kv${path}`, { method, ...options }),
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
