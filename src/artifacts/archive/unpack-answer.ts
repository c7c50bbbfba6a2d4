import { z } from 'zod';

/** What the unpacking process prints before it ends. */
export const unpackAnswer = z.union([
  z.object({ ok: z.literal(true), files: z.number().int(), bytes: z.number().int() }),
  z.object({
    error: z.object({
      code: z.string(),
      what: z.string(),
      why: z.string().exactOptional(),
      hint: z.string().exactOptional(),
    }),
  }),
]);

export type UnpackAnswer = z.infer<typeof unpackAnswer>;
