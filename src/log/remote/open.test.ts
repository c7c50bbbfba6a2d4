import { logStoreConformance } from '../conformance/index.ts';
import { remoteMedium } from '../testing/media.ts';

logStoreConformance('RemoteLog', remoteMedium);
