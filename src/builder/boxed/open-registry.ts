import { readFile } from 'node:fs/promises';
import { type AppChannel, openRegistryChannel } from '../../egress/index.ts';
import { TOOL_PROXY } from '../../sandbox/index.ts';
import type { NpmSettings } from '../child/protocol.ts';
import { registryAuthorization } from '../registry-authorization.ts';

/** The way of a box to the office's registry; certificates and credential stay outside (CONTRACTS §5). */
export interface RegistryWay {
  readonly channel: AppChannel;
  readonly through: NonNullable<NpmSettings['through']>;
}

/** @param say tells what was denied */
export async function openRegistry(npm: NpmSettings, say: (line: string) => void): Promise<RegistryWay> {
  const { channel, url } = openRegistryChannel({
    registry: npm.registry,
    authorization: await registryAuthorization(npm.registry, npm.configFiles, process.env),
    ca: npm.cafile === null ? null : await readFile(npm.cafile, 'utf8'),
    say,
  });
  return { channel, through: { registry: url, proxy: TOOL_PROXY } };
}
