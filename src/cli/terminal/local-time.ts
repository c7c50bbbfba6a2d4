import { printable } from './style.ts';

/** `2026-11-21 14:03:59`: for times that may lie in another year. */
export function localMoment(time: string): string {
  const year = new Date(time).getFullYear();
  return Number.isNaN(year) ? localTime(time) : `${year}-${localTime(time)}`;
}

/** `11-21 14:03:59` in the time zone of the reader. */
export function localTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return printable(time);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
