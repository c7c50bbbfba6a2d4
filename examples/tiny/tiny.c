/*
 * A web service without any library: a wasi:http component written in C.
 *
 *   GET  /            {"app":"tiny","requests":N}     N counts what this instance has answered
 *   POST /echo        the request's body, sent back while it arrives
 *   GET  /bytes/N     N bytes, as fast as the reader takes them
 *   GET  /alloc       takes memory until the platform refuses more, and says how much it got
 *   GET  /loop        never ends by itself: the platform's fuel bound ends it
 */
#include "http.h"

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
