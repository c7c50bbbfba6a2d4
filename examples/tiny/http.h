/*
 * What a small HTTP program needs on top of wasi.h: a place for what the host hands over, a little text, and answers.
 */
#ifndef TINY_HTTP_H
#define TINY_HTTP_H

#include "wasi.h"

#define PAGE_BYTES 65536u
#define WRITE_LIMIT 4096u /* the most `stream_write` takes at once */

/* ---- memory ------------------------------------------------------------------------------------------------- */

/* What the host hands over (paths, chunks of a body) lands here; it is all forgotten when the next piece is asked for. */
static _Alignas(8) u8 arena[2 * PAGE_BYTES];
static u32 arena_used;

static inline void arena_reset(void) { arena_used = 0; }

EXPORT("cabi_realloc") void *cabi_realloc(void *old, u32 old_size, u32 alignment, u32 size) {
  u32 start = (arena_used + alignment - 1) & ~(alignment - 1);
  if (size > sizeof arena || start > sizeof arena - size) __builtin_trap();
  arena_used = start + size;
  for (u32 i = 0; i < old_size && i < size; i++) arena[start + i] = ((u8 *)old)[i];
  return arena + start;
}

/* ---- text --------------------------------------------------------------------------------------------------- */

static inline u32 length_of(const char *text) {
  u32 length = 0;
  while (text[length]) length++;
  return length;
}

static inline int starts_with(struct bytes text, const char *prefix) {
  u32 length = length_of(prefix);
  if (text.length < length) return 0;
  for (u32 i = 0; i < length; i++)
    if (text.start[i] != (u8)prefix[i]) return 0;
  return 1;
}

static inline int equals(struct bytes text, const char *expected) {
  return text.length == length_of(expected) && starts_with(text, expected);
}

static inline struct bytes before_query(struct bytes path) {
  for (u32 i = 0; i < path.length; i++)
    if (path.start[i] == '?') path.length = i;
  return path;
}

static inline u64 number_after(struct bytes text, const char *prefix) {
  u64 value = 0;
  for (u32 i = length_of(prefix); i < text.length; i++) {
    if (text.start[i] < '0' || text.start[i] > '9') break;
    value = value * 10 + (text.start[i] - '0');
  }
  return value;
}

/* Text that is put together piece by piece. */
struct writer {
  char text[256];
  u32 length;
};

static inline void writer_begin(struct writer *out) { out->length = 0; }

static inline void put_text(struct writer *out, const char *text) {
  for (; *text && out->length < sizeof out->text; text++) out->text[out->length++] = *text;
}

static inline void put_number(struct writer *out, u32 value) {
  char digits[11];
  u32 at = sizeof digits - 1;
  digits[at] = 0;
  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  put_text(out, digits + at);
}

/* ---- answers ------------------------------------------------------------------------------------------------ */

struct answer {
  handle body;
  handle stream;
};

/* Sends status and headers; what is written to the stream afterwards goes out at once. */
static inline struct answer answer_begin(handle outparam, u32 status, const char *content_type) {
  struct header_result appended;
  struct handle_result body, stream;
  handle headers = fields_new();
  fields_append(headers, "content-type", 12, content_type, length_of(content_type), &appended);
  handle response = response_new(headers);
  response_set_status(response, status);
  response_body(response, &body);
  outgoing_body_write(body.value, &stream);
  outparam_set(outparam, 0, response, 0, 0, 0, 0, 0, 0);
  return (struct answer){body.value, stream.value};
}

/* Waits while the reader is slower than we are. False when the reader has gone. */
static inline int answer_write(struct answer answer, const void *data, u32 length) {
  const u8 *rest = data;
  while (length) {
    u32 size = length < WRITE_LIMIT ? length : WRITE_LIMIT;
    struct write_result written;
    stream_write(answer.stream, rest, size, &written);
    if (written.failed) return 0;
    rest += size;
    length -= size;
  }
  return 1;
}

static inline void answer_end(struct answer answer) {
  struct http_result finished;
  output_stream_drop(answer.stream);
  outgoing_body_finish(answer.body, 0, 0, &finished);
}

static inline void answer_text(handle outparam, u32 status, const char *content_type, const struct writer *text) {
  struct answer answer = answer_begin(outparam, status, content_type);
  answer_write(answer, text->text, text->length);
  answer_end(answer);
}

#endif
