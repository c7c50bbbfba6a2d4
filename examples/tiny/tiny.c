/*
 * A web service without any library: a wasi:http component in one C file.
 *
 *   GET  /            {"app":"tiny","requests":N}     N counts what this instance has answered
 *   POST /echo        the request's body, sent back while it arrives
 *   GET  /bytes/N     N bytes, as fast as the reader takes them
 *   GET  /alloc       takes memory until the platform refuses more, and says how much it got
 *   GET  /loop        never ends by itself: the platform's fuel bound ends it
 */
#include "wasi.h"

#define PAGE_BYTES 65536u
#define WRITE_LIMIT 4096u /* the most `stream_write` takes at once */

/* ---- memory ------------------------------------------------------------------------------------------------- */

/* What the host hands over (paths, chunks of a body) lands here; it is all forgotten when the next piece is asked for. */
static _Alignas(8) u8 arena[2 * PAGE_BYTES];
static u32 arena_used;

static void arena_reset(void) { arena_used = 0; }

EXPORT("cabi_realloc") void *cabi_realloc(void *old, u32 old_size, u32 alignment, u32 size) {
  u32 start = (arena_used + alignment - 1) & ~(alignment - 1);
  if (size > sizeof arena || start > sizeof arena - size) __builtin_trap();
  arena_used = start + size;
  for (u32 i = 0; i < old_size && i < size; i++) arena[start + i] = ((u8 *)old)[i];
  return arena + start;
}

/* ---- text --------------------------------------------------------------------------------------------------- */

static u32 length_of(const char *text) {
  u32 length = 0;
  while (text[length]) length++;
  return length;
}

static int starts_with(struct bytes text, const char *prefix) {
  u32 length = length_of(prefix);
  if (text.length < length) return 0;
  for (u32 i = 0; i < length; i++)
    if (text.start[i] != (u8)prefix[i]) return 0;
  return 1;
}

static int equals(struct bytes text, const char *expected) {
  return text.length == length_of(expected) && starts_with(text, expected);
}

static struct bytes before_query(struct bytes path) {
  for (u32 i = 0; i < path.length; i++)
    if (path.start[i] == '?') path.length = i;
  return path;
}

static u64 number_after(struct bytes text, const char *prefix) {
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

static void writer_begin(struct writer *out) { out->length = 0; }

static void put_text(struct writer *out, const char *text) {
  for (; *text && out->length < sizeof out->text; text++) out->text[out->length++] = *text;
}

static void put_number(struct writer *out, u32 value) {
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
static struct answer answer_begin(handle outparam, u32 status, const char *content_type) {
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
static int answer_write(struct answer answer, const void *data, u32 length) {
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

static void answer_end(struct answer answer) {
  struct http_result finished;
  output_stream_drop(answer.stream);
  outgoing_body_finish(answer.body, 0, 0, &finished);
}

static void answer_text(handle outparam, u32 status, const char *content_type, const struct writer *text) {
  struct answer answer = answer_begin(outparam, status, content_type);
  answer_write(answer, text->text, text->length);
  answer_end(answer);
}

/* ---- routes ------------------------------------------------------------------------------------------------- */

static void get_root(handle outparam, u32 requests) {
  struct writer json;
  writer_begin(&json);
  put_text(&json, "{\"app\":\"tiny\",\"requests\":");
  put_number(&json, requests);
  put_text(&json, "}\n");
  answer_text(outparam, 200, "application/json", &json);
}

static void post_echo(handle request, handle outparam) {
  struct handle_result body, stream;
  request_consume(request, &body);
  incoming_body_stream(body.value, &stream);
  struct answer answer = answer_begin(outparam, 200, "application/octet-stream");
  for (;;) {
    struct read_result chunk;
    arena_reset();
    stream_read(stream.value, PAGE_BYTES, &chunk);
    if (chunk.failed) break; /* the end of the body is an "error" of the kind `closed` */
    if (!answer_write(answer, chunk.data.start, chunk.data.length)) break;
  }
  input_stream_drop(stream.value);
  incoming_body_drop(body.value);
  answer_end(answer);
}

static void get_bytes(handle outparam, u64 count) {
  static const u8 zeroes[WRITE_LIMIT];
  struct answer answer = answer_begin(outparam, 200, "application/octet-stream");
  while (count) {
    u32 size = count < WRITE_LIMIT ? (u32)count : WRITE_LIMIT;
    if (!answer_write(answer, zeroes, size)) break;
    count -= size;
  }
  answer_end(answer);
}

static void get_alloc(handle outparam) {
  const u32 step = 16; /* pages: 1 MiB */
  u32 got = 0;
  for (;;) {
    u32 old_pages = __builtin_wasm_memory_grow(0, step);
    if (old_pages == ~0u) break;
    u8 *fresh = (u8 *)(old_pages * PAGE_BYTES);
    for (u32 i = 0; i < step * PAGE_BYTES; i += 4096) fresh[i] = 1; /* touched, so that it is really there */
    got++;
  }
  struct writer text;
  writer_begin(&text);
  put_text(&text, "refused after ");
  put_number(&text, got);
  put_text(&text, " MiB\n");
  answer_text(outparam, 200, "text/plain", &text);
}

static void get_loop(void) {
  for (volatile u32 turns = 0;; turns++) {
  }
}

static void not_found(handle outparam) {
  struct writer text;
  writer_begin(&text);
  put_text(&text, "tiny knows / /echo /bytes/N /alloc /loop\n");
  answer_text(outparam, 404, "text/plain", &text);
}

EXPORT("wasi:http/incoming-handler@0.2.10#handle") void handle_request(handle request, handle outparam) {
  static u32 requests;
  struct optional_bytes target;
  requests++;
  arena_reset();
  request_path(request, &target);
  struct bytes path = before_query(target.present ? target.value : (struct bytes){(const u8 *)"/", 1});

  if (equals(path, "/")) get_root(outparam, requests);
  else if (equals(path, "/echo")) post_echo(request, outparam);
  else if (starts_with(path, "/bytes/")) get_bytes(outparam, number_after(path, "/bytes/"));
  else if (equals(path, "/alloc")) get_alloc(outparam);
  else if (equals(path, "/loop")) get_loop();
  else not_found(outparam);

  request_drop(request);
}
