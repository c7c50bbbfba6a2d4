import type { EventReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { printable } from '../terminal/style.ts';
import { storyOf } from './story.ts';

/** Turns events into lines; remembers the names of apps it has seen. */
export function eventLines(
  context: Context,
  names: ReadonlyMap<string, string>,
): (event: EventReply) => string {
  const known = new Map(names);
  return (event) => {
    const { app, name } = event.data;
    if (typeof app === 'string' && typeof name === 'string') known.set(app, name);
    const story = storyOf(event.type, event.subject, event.data, (uuid) => known.get(uuid) ?? uuid);
    const { paint } = context;
    const colour = /_(failed|crashed)$/.test(event.type)
      ? 'red'
      : /_(succeeded|started)$/.test(event.type)
        ? 'green'
        : 'reset';
    const position = String(event.position).padStart(5);
    const actor = printable(event.actor.replace(/^user:/, '')).padEnd(18);
    return `${paint('dim', `${localTime(event.time)} ${position}`)}  ${paint('cyan', actor)}  ${paint(colour, oneLine(story))}`;
  };
}

/** An event is one line, whatever an app's name or a build's reason holds. */
function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, ' / '));
}

/** `11-21 14:03:59` in the time zone of the reader. */
function localTime(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return printable(time);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
