/** Segment of what is wanted of a host and what it observes (CONTRACTS §6). */
export function hostSegment(supervisor: string): string {
  return `platform.hosts.${supervisor}`;
}

/** Segment of an office's apps, members … */
export function officeSegment(office: string, name: string): string {
  return `tenant_${office}.${name}`;
}
