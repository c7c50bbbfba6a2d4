import { LONGEST } from './note.ts';

/** One call, as far as the page shows it. */
export interface Operation {
  readonly summary: string;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const match = (required: boolean) => ({
  ...{ name: 'If-Match', in: 'header', required, schema: { type: 'string' } },
  description: 'The ETag of the note as you have seen it',
});
const body = {
  required: true,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/NewNote' } } },
};
const etag = { ETag: { schema: { type: 'string' }, description: 'Revision of the note' } };
const note = (description: string) => ({
  description,
  headers: etag,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Note' } } },
});
const says = (description: string) => ({ description });

/** What this API answers, for people and for tools. */
export function openApi(): OpenApi {
  const text = (maxLength: number) => ({ type: 'string', maxLength });
  const fields = { title: { ...text(LONGEST.title), minLength: 1 }, text: text(LONGEST.text) };
  const made = { id: { type: 'string' }, changed: { type: 'string', format: 'date-time' } };
  return {
    openapi: '3.1.0',
    info: { title: 'Notes', version: '1', description: 'Notes that nobody overwrites unseen.' },
    paths: {
      '/notes': {
        get: {
          summary: 'List notes, oldest first',
          parameters: [
            {
              name: 'limit',
              in: 'query',
              schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
            },
            {
              name: 'cursor',
              in: 'query',
              schema: { type: 'string' },
              description: '`next` of the page before',
            },
          ],
          responses: {
            200: says('A page of titles, and where the next one begins'),
            400: says('`limit` is no number'),
          },
        } as Operation,
        post: {
          summary: 'Make a note',
          requestBody: body,
          responses: { 201: note('Made; Location names it'), 422: says('Not a note, and why') },
        } as Operation,
      },
      '/notes/{id}': {
        parameters: [id] as unknown as Operation,
        get: {
          summary: 'Read a note',
          responses: {
            200: note('The note'),
            304: says('Unchanged: If-None-Match'),
            404: says('There is none'),
          },
        } as Operation,
        put: {
          summary: 'Change a note that you have seen',
          parameters: [match(true)],
          requestBody: body,
          responses: {
            200: note('Changed'),
            412: says('Somebody was quicker: read it anew'),
            422: says('Not a note, and why'),
            428: says('If-Match is missing'),
          },
        } as Operation,
        delete: {
          summary: 'Remove a note',
          parameters: [match(false)],
          responses: {
            204: says('Gone, or was never there'),
            412: says('Somebody was quicker: read it anew'),
          },
        } as Operation,
      },
    },
    components: {
      schemas: {
        NewNote: { type: 'object', required: ['title'], properties: fields },
        Note: {
          type: 'object',
          required: ['id', 'title', 'text', 'changed'],
          properties: { ...made, ...fields },
        },
      },
    },
  };
}
