import { type IncomingMessage, request } from 'node:http';
import type { RunnerRecord, TestOffice } from '../../e2e/office.ts';
import { expectKept } from '../drill.ts';
import { type Visitor, visit } from '../upgrade/visitor.ts';

const KEY = 'tabbify-runner-key';
/** More than lies in the buffers of a connection, so that the app waits for who reads it. */
const DOWNLOAD_BYTES = 20_000_000;
const never = () => false;

/** Asks a runner as the node does; whoever dies, every request is answered. */
export function visitRunner({ app, endpoint, runner_key }: RunnerRecord): Visitor {
  const { hostname: host, port } = new URL(endpoint);
  const address = { host, port: Number(port), path: '/', headers: { [KEY]: runner_key } };
  return visit({ name: `${app} at its runner`, address: async () => address, restarting: never });
}

/** Asks at the edge, while its node lives. */
export function visitThroughEdge({ url }: TestOffice, name: string, app: string): Visitor {
  const { hostname: host, port } = new URL(url);
  const address = { host, port: Number(port), path: `/app/${app}/`, headers: {} };
  return visit({ name: `${name} at the edge`, address: async () => address, restarting: never });
}

/** A request that is under way until it is finished. */
export interface Download {
  /** Reads the rest. @throws Broken when not all of it came */
  finish(): Promise<void>;
}

/** Resolves when the answer has begun and waits for its reader. */
export async function beginDownload({ endpoint, runner_key }: RunnerRecord): Promise<Download> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { [KEY]: runner_key };
    request(`${endpoint}/bytes/${DOWNLOAD_BYTES}`, { headers, agent: false }, resolve)
      .once('error', reject)
      .end();
  });
  response.pause();
  return {
    async finish() {
      let bytes = 0;
      for await (const chunk of response) bytes += (chunk as Buffer).length;
      expectKept(bytes === DOWNLOAD_BYTES, `a download under way ended after ${bytes} bytes`);
    },
  };
}
