import type { ServerResponse } from 'node:http';
import type { LogLine } from '../runner/index.ts';
import { type LogQuery, matches } from './log-filter.ts';
import { followLog } from './log-follow.ts';
import { formatForReading, tailLog } from './log-tail.ts';

const CONTENT_TYPE = { text: 'text/plain; charset=utf-8', jsonl: 'application/jsonl' } as const;

/** Answers with the lines of a log that are asked for, oldest first, and with what comes while it is followed. */
export async function sendLog(response: ServerResponse, path: string, query: LogQuery): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const textOf = query.format === 'text' ? formatForReading : jsonLine;
  const tail = await tailLog(path, query.tail, query);
  response.writeHead(200, { 'content-type': CONTENT_TYPE[query.format] });
  for (const line of tail.lines) response.write(textOf(line));
  if (query.follow) {
    response.flushHeaders();
    for await (const line of followLog(path, tail.end, gone.signal)) {
      if (!matches(line, query) || response.write(textOf(line))) continue;
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
    }
  }
  response.end();
}

function jsonLine({ time, origin, generation, line }: LogLine): string {
  return `${JSON.stringify({ time, origin, generation, line })}\n`;
}
