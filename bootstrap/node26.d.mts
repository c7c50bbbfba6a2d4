export const ROOT: string;
export const NODE_MAJOR: number;
export const OFFICE_FLAGS: readonly string[];
export function isHalfInstalled(root?: string): boolean;
export function findNode26(): string | null;
