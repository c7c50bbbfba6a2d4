/*
 * wasi:http 0.2.10 as a C program sees it: the functions of wit/ after the canonical ABI of the component model
 * (https://github.com/WebAssembly/component-model, CanonicalABI.md) has flattened their types.
 *
 * A resource is an integer handle. What does not fit into one result value is written to memory the caller gives
 * (`*_result`). In those structs `failed` is the discriminant of a `result`, `present` that of an `option`.
 */
#ifndef TINY_WASI_H
#define TINY_WASI_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u32 handle;

_Static_assert(sizeof(void *) == 4, "compile for wasm32");

#define HTTP_TYPES "wasi:http/types@0.2.10"
#define IO_STREAMS "wasi:io/streams@0.2.10"
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name))) extern
#define EXPORT(name) __attribute__((export_name(name)))

/* list<u8> and string */
struct bytes {
  const u8 *start;
  u32 length;
};

struct optional_bytes {
  u8 present;
  struct bytes value;
};

/* variant method: `kind` counts its cases in the order of the WIT, `other` only holds for the last */
struct method_result {
  u8 kind;
  struct bytes other;
};

/* result<own<…>> without an error payload */
struct handle_result {
  u8 failed;
  handle value;
};

/* result<_, header-error> */
struct header_result {
  u8 failed;
  u8 error;
};

/* result<list<u8>, stream-error> */
struct read_result {
  u8 failed;
  union {
    struct bytes data;
    struct {
      u8 kind;
      handle error;
    } error;
  };
};

/* result<_, stream-error> */
struct write_result {
  u8 failed;
  u8 kind;
  handle error;
};

/* result<_, error-code>: 40 bytes aligned to 8; this program only asks whether it failed */
struct http_result {
  u8 failed;
  u64 error[4];
};

enum { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT };

IMPORT(HTTP_TYPES, "[method]incoming-request.method") void request_method(handle request, struct method_result *);
IMPORT(HTTP_TYPES, "[method]incoming-request.path-with-query") void request_path(handle request, struct optional_bytes *);
IMPORT(HTTP_TYPES, "[method]incoming-request.consume") void request_consume(handle request, struct handle_result *);
IMPORT(HTTP_TYPES, "[resource-drop]incoming-request") void request_drop(handle request);
IMPORT(HTTP_TYPES, "[method]incoming-body.stream") void incoming_body_stream(handle body, struct handle_result *);
IMPORT(HTTP_TYPES, "[resource-drop]incoming-body") void incoming_body_drop(handle body);

IMPORT(HTTP_TYPES, "[constructor]fields") handle fields_new(void);
IMPORT(HTTP_TYPES, "[method]fields.append")
void fields_append(handle fields, const char *name, u32 name_length, const char *value, u32 value_length,
                   struct header_result *);

IMPORT(HTTP_TYPES, "[constructor]outgoing-response") handle response_new(handle fields);
IMPORT(HTTP_TYPES, "[method]outgoing-response.set-status-code") u32 response_set_status(handle response, u32 status);
IMPORT(HTTP_TYPES, "[method]outgoing-response.body") void response_body(handle response, struct handle_result *);
/* result<outgoing-response, error-code> flattened; with `failed` 0 only `response_or_code` counts */
IMPORT(HTTP_TYPES, "[static]response-outparam.set")
void outparam_set(handle outparam, u32 failed, u32 response_or_code, u32, u64, u32, u32, u32, u32);

IMPORT(HTTP_TYPES, "[method]outgoing-body.write") void outgoing_body_write(handle body, struct handle_result *);
IMPORT(HTTP_TYPES, "[static]outgoing-body.finish")
void outgoing_body_finish(handle body, u32 has_trailers, handle trailers, struct http_result *);

IMPORT(IO_STREAMS, "[method]input-stream.blocking-read") void stream_read(handle stream, u64 limit, struct read_result *);
IMPORT(IO_STREAMS, "[resource-drop]input-stream") void input_stream_drop(handle stream);
/* at most 4096 bytes a call */
IMPORT(IO_STREAMS, "[method]output-stream.blocking-write-and-flush")
void stream_write(handle stream, const void *data, u32 length, struct write_result *);
IMPORT(IO_STREAMS, "[resource-drop]output-stream") void output_stream_drop(handle stream);

#endif
