import type { EventReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { localTime } from '../terminal/local-time.ts';
import { columnsOf, wrapped } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { erasedStory, storyOf } from './story.ts';

/** Column at which a long event goes on in the next line of a terminal: below who did it. */
const GO_ON_AT = 22;

/** Turns events into lines; remembers the names of apps it has seen. */
export function eventLines(
  context: Context,
  names: ReadonlyMap<string, string>,
): (event: EventReply) => string {
  const known = new Map(names);
  return (event) => {
    const { app, name } = event.data;
    if (typeof app === 'string' && typeof name === 'string') known.set(app, name);
    const nameOf = (uuid: string) => known.get(uuid) ?? uuid;
    const story =
      event.erased === undefined
        ? storyOf(event.type, event.subject, event.data, nameOf)
        : erasedStory(event.type, event.subject, nameOf);
    const { paint } = context;
    const colour = /_(failed|crashed|refused)$/.test(event.type)
      ? 'red'
      : /_(succeeded|started)$/.test(event.type)
        ? 'green'
        : 'reset';
    const position = String(event.position).padStart(5);
    const who = event.actor.startsWith('app:') ? nameOf(event.actor.slice('app:'.length)) : event.actor;
    const actor = printable(who.replace(/^user:/, '')).padEnd(18);
    const head = `${paint('dim', `${localTime(event.time)} ${position}`)}  ${paint('cyan', actor)}`;
    const line = `${head}  ${paint(colour, oneLine(story))}`;
    return wrapped(line, columnsOf(context.io.stdout), GO_ON_AT);
  };
}

/** An event is one line, whatever an app's name or a build's reason holds. */
function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, ' / '));
}
