import type { TabbifyError } from '../../kit/index.ts';
import type { UploadStanding } from '../client/uploads.ts';
import { sizeText } from '../terminal/table.ts';

/** Work that is over sooner shows no figures (milliseconds). */
const QUIET_MS = 1_000;
/** The rate is that of the last moments (milliseconds). */
const RATE_OVER_MS = 5_000;

/** How an upload gets on, in words. */
export interface UploadTally {
  /** It goes on from where the office says. */
  begin(standing: UploadStanding): void;
  /** @param bytes that were handed to the line */
  taken(bytes: number): void;
  /** All is handed over; the office makes a version of it. */
  sent(): void;
  /** It cannot go on for a moment. */
  pause(why: TabbifyError): void;
  /** `120 MB of 400 MB, 12 MB/s`; empty as long as there is nothing to say. */
  text(): string;
  /** For when it ends early: what is with the office. */
  arrived(): string;
}

/** @param now milliseconds of a clock that only goes on */
export function uploadTally(now: () => number = () => performance.now()): UploadTally {
  const begunAt = now();
  let at = 0;
  let length = 0;
  let said: string | null = null;
  let recent: { readonly at: number; readonly bytes: number }[] = [];
  const rate = (): number => {
    const moment = now();
    recent = recent.filter((each) => moment - each.at <= RATE_OVER_MS);
    const bytes = recent.reduce((sum, each) => sum + each.bytes, 0);
    return bytes / (Math.max(QUIET_MS, Math.min(RATE_OVER_MS, moment - begunAt)) / 1000);
  };
  return {
    begin(standing) {
      at = standing.offset;
      length = standing.length;
      said = null;
    },
    taken(bytes) {
      at += bytes;
      recent.push({ at: now(), bytes });
      if (recent.length > 10_000) recent = recent.slice(-5_000);
    },
    sent() {
      said = 'all of it is there, the office makes a version of it';
    },
    pause({ code }) {
      said =
        code === 'upload_busy'
          ? 'waiting for another push of this app'
          : `broken off at ${sizeText(at)} of ${sizeText(length)}, trying again`;
    },
    text() {
      if (now() - begunAt < QUIET_MS) return '';
      return (
        said ??
        (length === 0 ? '' : `${sizeText(at)} of ${sizeText(length)}, ${sizeText(Math.round(rate()))}/s`)
      );
    },
    arrived: () =>
      length === 0
        ? 'nothing had to be sent'
        : `up to ${sizeText(at)} of ${sizeText(length)} are with the office`,
  };
}
