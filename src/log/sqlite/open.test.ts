import { keptLogConformance, logStoreConformance } from '../conformance/index.ts';
import { sqliteMedium } from '../testing/media.ts';

logStoreConformance('SqliteLog', sqliteMedium);
keptLogConformance('SqliteLog', sqliteMedium);
