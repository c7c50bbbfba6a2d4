import { type Logger, TabbifyError } from '../kit/index.ts';
import { openSecretStore, type SecretStore } from '../secrets/index.ts';

/** The store of secrets, opened when that is possible. */
export interface Secrets {
  /** @throws why it cannot be opened now; it is tried again at each need, so that what was mended counts at once */
  store(): Promise<SecretStore>;
  close(): Promise<void>;
}

/**
 * Opens the store. Another gateway that has it open is an error; any other trouble with it leaves the gateway's other work alone.
 *
 * @throws secrets_in_use
 */
export async function openSecrets(
  options: Parameters<typeof openSecretStore>[0],
  logger: Logger,
): Promise<Secrets> {
  let opening: Promise<SecretStore> | null = null;
  const store = () => {
    opening ??= openSecretStore(options).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };
  try {
    await store();
  } catch (error) {
    if (!(error instanceof TabbifyError) || error.code === 'secrets_in_use') throw error;
    logger.error({ err: error }, 'the secrets cannot be opened');
  }
  return {
    store,
    async close() {
      await (await opening)?.close();
    },
  };
}
