import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

const officeFile = z.object({
  pid: z.number().int().positive(),
  start_time: z.number().nullable().default(null),
  node_url: z.string(),
  gateway_url: z.string(),
  supervisor_url: z.string(),
  version: z.string(),
  started_at: z.string(),
  closing: z.boolean().default(false),
  passed_listener: z.boolean().default(false),
});

/** `TABBIFY_HOME/office.json`: the office that is, or was, open in this home. */
export type OfficeFile = z.infer<typeof officeFile>;

/** Where the node is and what to show it. */
export interface NodeAddress {
  /** Base URL without a slash at the end. */
  readonly url: string;
  /** Bearer credential; null when none was found. */
  readonly key: string | null;
  /** Where the key was looked for, for error texts. */
  readonly keySource: string;
  /** Slug of the office that is asked about; null: the credential's own. */
  readonly office: string | null;
}

const DEFAULT_NODE_URL = 'http://127.0.0.1:8090';

/**
 * Finds the node: `TABBIFY_NODE_URL`, else what `office.json` says, else the default bind; and its key:
 * `TABBIFY_NODE_KEY`, else `node.key` of the home (CONTRACTS §2).
 *
 * @param office the flag `--office`, which wins over `TABBIFY_OFFICE`
 */
export async function findNode(env: Environment, home: string, office?: string): Promise<NodeAddress> {
  const url = env.TABBIFY_NODE_URL || (await readOfficeFile(home))?.node_url || DEFAULT_NODE_URL;
  const keyFile = join(home, 'node.key');
  const key = env.TABBIFY_NODE_KEY || (await textOf(keyFile))?.trim() || null;
  return {
    url: url.replace(/\/+$/, ''),
    key,
    keySource: env.TABBIFY_NODE_KEY ? 'TABBIFY_NODE_KEY' : keyFile,
    office: office ?? (env.TABBIFY_OFFICE || null),
  };
}

/** The office's record in this home; null when there is none or it is not one. */
export async function readOfficeFile(home: string): Promise<OfficeFile | null> {
  const text = await textOf(join(home, 'office.json'));
  if (text === null) return null;
  try {
    return officeFile.parse(JSON.parse(text));
  } catch {
    return null; // half-written or foreign: as good as none
  }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
