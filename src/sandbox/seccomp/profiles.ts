import type { ProfileName } from '../box.ts';
import { APP_CALLS } from './app-calls.ts';
import type { CallProfile } from './rule.ts';
import { TOOL_CALLS } from './tool-calls.ts';

/** What each profile of a box lets through. */
export const CALL_PROFILES: Readonly<Record<ProfileName, CallProfile>> = { app: APP_CALLS, tool: TOOL_CALLS };
