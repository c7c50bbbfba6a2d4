import { join } from 'node:path';
import { logStoreConformance } from '../conformance/index.ts';
import { openSqliteLog } from '../index.ts';
import { temporaryDirectory } from '../testing/media.ts';
import { openKeyring } from './keyring.ts';
import { sealedLog } from './sealed-log.ts';

logStoreConformance('sealedLog', async () => {
  const directory = await temporaryDirectory();
  return {
    async open() {
      const log = await openSqliteLog({ file: join(directory.path, 'log.db') });
      return sealedLog(log, await openKeyring(join(directory.path, 'keys')));
    },
    dispose: directory.dispose,
  };
});
