import { type LogReply, sizesOf } from '../client/log.ts';
import { sizeText } from '../terminal/table.ts';

/** The log in one line: how long it is and, for owners of the machine, what it takes. */
export function logLine(log: LogReply): string {
  const position = `position ${log.head}`;
  const sizes = sizesOf(log);
  if (sizes === null) return position;
  const { file_bytes, blobs_bytes, traffic, disk_free_bytes } = sizes;
  const parts = [
    position,
    `${sizeText(file_bytes + blobs_bytes)} on disk`,
    `from outside ${sizeText(traffic.bytes)} of ${sizeText(traffic.max_bytes)}, kept ${traffic.days} days`,
    ...(disk_free_bytes === null ? [] : [`${sizeText(disk_free_bytes)} free`]),
  ];
  return parts.join('; ');
}
