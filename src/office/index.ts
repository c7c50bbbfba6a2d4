export { homeDirectory, type OfficeConfig, type OfficeFlags, parseBind, readOfficeConfig } from './config.ts';
export { homePaths } from './home.ts';
export { type RunningPart, runGateway, runNode, runSupervisor } from './parts.ts';
export { type OfficeRecord, readOfficeRecord } from './record.ts';
export { type ServiceNotifier, serviceNotifier } from './service/notify.ts';
export { systemdUnit, type UnitScope } from './service/unit.ts';
export { type Office, up } from './up.ts';
export { TABBIFY_VERSION } from './version.ts';
