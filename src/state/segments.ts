const HOSTS = 'platform.hosts.';

/** Segment of what is wanted of a host and what it observes (CONTRACTS §6). */
export function hostSegment(supervisor: string): string {
  return HOSTS + supervisor;
}

/** Is it the segment of this host? Asked for each observation of a replay, so nothing is put together for it. */
export function isHostSegment(segment: string, supervisor: string): boolean {
  return (
    segment.length === HOSTS.length + supervisor.length &&
    segment.startsWith(HOSTS) &&
    segment.endsWith(supervisor)
  );
}

/** Segment of an office's apps, members … */
export function officeSegment(office: string, name: string): string {
  return `tenant_${office}.${name}`;
}
