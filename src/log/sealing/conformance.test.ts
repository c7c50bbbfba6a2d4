import type { KeptLogUnderTest } from '../conformance/index.ts';
import { keptLogConformance, logStoreConformance } from '../conformance/index.ts';
import { sqliteMedium, temporaryDirectory } from '../testing/media.ts';
import { openKeyring } from './keyring.ts';
import { sealedLog } from './sealed-log.ts';

async function sealedMedium(): Promise<KeptLogUnderTest> {
  const [medium, keys] = await Promise.all([sqliteMedium(), temporaryDirectory()]);
  return {
    ...medium,
    open: async () => sealedLog(await medium.open(), await openKeyring(keys.path)),
    async dispose() {
      await medium.dispose();
      await keys.dispose();
    },
  };
}

logStoreConformance('sealedLog', sealedMedium);
keptLogConformance('sealedLog', sealedMedium);
