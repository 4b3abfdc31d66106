#include "observe/event_json.h"

#include "config.h"
#include "host/address.h"
#include "lab/utf8.h"

#include <inttypes.h>
#include <time.h>

#define SECOND 1000000000

const char *const side_words[] = { "server", "client", NULL };
const char *const role_words[] = { "welcoming", "connection", "server", "client", NULL };
const char *const direction_words[] = { "in", "out", NULL };
const char *const fate_words[]
    = { "drop", "duplicate", "corrupt", "truncate", "delay", "reorder", "crowded", NULL };

/* Characters that could end a string or a line, or are orders to a terminal. */
static bool
is_risky (uint32_t code)
{
  return code < 0x20 || code == '"' || code == '\\' || (code >= 0x7f && code < 0xa0)
         || code == 0x2028 || code == 0x2029;
}

static void
write_character (const char *byte, size_t n, uint32_t code, FILE *to)
{
  if (n == 0)
    fprintf (to, "\\\\x%02x", (unsigned char) *byte);
  else if (code == '"' || code == '\\')
    fprintf (to, "\\%c", (char) code);
  else if (code == '\n')
    fputs ("\\n", to);
  else
    fprintf (to, "\\u%04" PRIx32, code);
}

/* The inside of a string; what needs no escape goes out in one piece. */
static void
write_escaped (const char *text, size_t size, FILE *to)
{
  const char *end = text + size, *plain = text;
  uint32_t code;

  while (text < end)
    {
      size_t n = utf8_decode (text, (size_t) (end - text), &code);

      if (n == 0 || is_risky (code))
        {
          fwrite (plain, 1, (size_t) (text - plain), to);
          write_character (text, n, code, to);
          plain = text + n + (n == 0);
        }
      text += n + (n == 0);
    }
  fwrite (plain, 1, (size_t) (end - plain), to);
}

void
text_json (const char *text, FILE *to)
{
  fputc ('"', to);
  write_escaped (text, strlen (text), to);
  fputc ('"', to);
}

/* Many readers of JSON take a NUL for the end of a string. */
static bool
is_text (const char *p, size_t size)
{
  const char *end = p + size;
  uint32_t code;

  if (size > EVENT_TEXT_MAX)
    return false;
  for (size_t n; p < end; p += n)
    {
      n = utf8_decode (p, (size_t) (end - p), &code);
      if (n == 0 || code == 0)
        return false;
    }
  return true;
}

static void
write_hex (const uint8_t *data, size_t size, FILE *to)
{
  static const char digits[] = "0123456789abcdef";

  for (size_t i = 0; i < size; i++)
    {
      fputc (digits[data[i] >> 4], to);
      fputc (digits[data[i] & 15], to);
    }
}

/* Exactly one of "utf8" and "hex", each of which gives the bytes as they were. */
static void
write_data (const struct event *event, size_t most, FILE *to)
{
  const char *bytes = event->size > 0 ? (const char *) event->data : "";
  size_t size = event->size;

  if (size > most)
    for (size = most; size > 0 && most - size < 3 && (event->data[size] & 0xc0) == 0x80;)
      size--;
  if (is_text (bytes, size))
    {
      fputs (",\"utf8\":\"", to);
      write_escaped (bytes, size, to);
    }
  else
    {
      fputs (",\"hex\":\"", to);
      write_hex (event->data, size, to);
    }
  fputc ('"', to);
}

/* A member with a text that needs no escaping. */
static void
write_word (const char *name, const char *word, FILE *to)
{
  fprintf (to, ",\"%s\":\"%s\"", name, word);
}

/* RFC 3339, in UTC, to the nanosecond. */
static void
write_time (int64_t wall, FILE *to)
{
  time_t seconds = (time_t) (wall / SECOND);
  struct tm tm;
  char text[32];

  gmtime_r (&seconds, &tm);
  strftime (text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
  fprintf (to, ",\"time\":\"%s.%09" PRId64 "Z\"", text, wall % SECOND);
}

void
fate_json (const struct fate *fate, FILE *to)
{
  char text[FATE_TEXT];
  const char *comma = "";

  fprintf (to, "{\"direction\":\"%s\",\"flow\":%" PRIu64 ",\"index\":%" PRIu64,
           direction_words[fate->direction], fate->flow, fate->index);
  fputs (",\"what\":[", to);
  for (size_t i = 0; fate_words[i] != NULL; i++)
    if (fate->what >> i & 1)
      {
        fprintf (to, "%s\"%s\"", comma, fate_words[i]);
        comma = ",";
      }
  fprintf (to, "],\"scripted\":%s", fate->scripted ? "true" : "false");
  if (fate->delay != 0)
    fprintf (to, ",\"delay_ms\":%.6f", (double) fate->delay / 1e6);
  if (fate->what & FATE_CORRUPT && fate->bit != FATE_ANY)
    fprintf (to, ",\"bit\":%zu", fate->bit);
  if (fate->what & FATE_TRUNCATE && fate->kept != FATE_ANY)
    fprintf (to, ",\"kept\":%zu", fate->kept);
  write_word ("text", fate_text (fate, text), to);
  fputc ('}', to);
}

static void
write_socket (const struct event *event, FILE *to)
{
  char address[ADDRESS_TEXT];

  if (event->fd != -1)
    fprintf (to, ",\"fd\":%d", event->fd);
  if (event->role >= PL_WELCOMING && event->role <= PL_CLIENT)
    write_word ("role", role_words[event->role - 1], to);
  if (event->local.length > 0)
    write_word ("local", address_text (&event->local, address), to);
  if (event->peer.length > 0)
    write_word ("peer", address_text (&event->peer, address), to);
}

static bool
has_data (enum event_type type)
{
  return type == EVENT_RECV || type == EVENT_SEND || type == EVENT_PACKET || type == EVENT_RECEIVED
         || type == EVENT_SENT;
}

void
event_json (const struct event *event, const struct scene *scene, size_t data_most, FILE *to)
{
  int64_t since = event->time - scene->monotonic;
  const char *call = event_call (event);

  if (since < 0)
    since = 0;
  fprintf (to, "{\"t\":%" PRId64 ".%09" PRId64, since / SECOND, since % SECOND);
  write_word ("event", event_name (event->type), to);
  write_word ("side", side_words[event->side], to);
  if (call != NULL)
    write_word ("call", call, to);
  fprintf (to, ",\"stream\":%s,\"round\":%" PRIu64, event->stream ? "true" : "false", event->round);
  write_time (scene->wall + since, to);
  if (event->session != 0)
    fprintf (to, ",\"session\":%" PRIu64, event->session);
  write_socket (event, to);
  if (has_data (event->type))
    {
      if (event->type == EVENT_SEND)
        fprintf (to, ",\"asked\":%zu", event->asked);
      fprintf (to, ",\"size\":%zu", event->size);
      write_data (event, data_most, to);
    }
  if (event->fate.index != 0)
    {
      fputs (",\"fate\":", to);
      fate_json (&event->fate, to);
    }
  if (event->type == EVENT_TIMER && event->text != NULL && strcmp (event->text, "set") == 0)
    fprintf (to, ",\"ms\":%" PRId64, event->ms);
  if (event->type == EVENT_HALF_CLOSED || event->type == EVENT_RESET)
    fprintf (to, ",\"by_peer\":%s", event->by_peer ? "true" : "false");
  if (event->text != NULL)
    {
      fputs (",\"text\":", to);
      text_json (event->text, to);
    }
  fputc ('}', to);
}

static void
write_text (const char *name, const char *text, FILE *to)
{
  if (text == NULL)
    return;
  fprintf (to, ",\"%s\":", name);
  text_json (text, to);
}

void
scene_json (const struct scene *scene, FILE *to)
{
  fprintf (to, "{\"protolab_events\":%d,\"event\":\"start\"", EVENT_SCHEMA);
  write_text ("protolab", PACKAGE_VERSION, to);
  write_text ("lab", scene->lab, to);
  write_text ("title", scene->title, to);
  write_text ("transport", scene->transport, to);
  write_text ("framing", scene->framing, to);
  write_text ("transform", scene->transform, to);
  write_time (scene->wall, to);
  fprintf (to, ",\"monotonic\":%" PRId64 ".%09" PRId64, scene->monotonic / SECOND,
           scene->monotonic % SECOND);
  fputc ('}', to);
}
