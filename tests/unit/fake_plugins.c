/* fake_plugins.c - plugins that are only tables, for tests of descriptors. */
#include "fake_plugins.h"

#include <stdio.h>

struct uppercase
{
  bool ascii;
};

struct count_s
{
  const char *letter;
  bool ignore_case;
};

struct repeat
{
  int64_t times;
};

struct tune
{
  const char *style;
};

static int
no_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  (void) s;
  (void) in;
  (void) n;
  return 0;
}

static ssize_t
no_frame (struct pl_session *s, const uint8_t *in, size_t n)
{
  (void) s;
  (void) in;
  (void) n;
  return 0;
}

static void
no_reset (struct pl_socket *socket)
{
  (void) socket;
}

static const struct pl_param uppercase_params[]
    = { PL_BOOLEAN_PARAM (struct uppercase, ascii, "false", "whether only a to z are changed"),
        PL_PARAMS_END };

static const struct pl_param count_s_params[]
    = { PL_STRING_PARAM (struct count_s, letter, "s", 1, 4, "the letter that is counted"),
        PL_BOOLEAN_PARAM (struct count_s, ignore_case, "false", "whether S counts as s"),
        PL_PARAMS_END };

static const struct pl_param repeat_params[]
    = { PL_INTEGER_PARAM (struct repeat, times, NULL, 1, 9, "how often each message is sent back"),
        PL_PARAMS_END };

static const struct pl_param tune_params[]
    = { PL_CHOICE_PARAM (struct tune, style, "low", "low|high", "how it sounds"), PL_PARAMS_END };

static const struct pl_transport udp
    = { .struct_size = sizeof (struct pl_transport), .carries = PL_DATAGRAMS };
static const struct pl_transport tcp = { .struct_size = sizeof (struct pl_transport),
                                         .carries = PL_STREAM,
                                         .reset = no_reset };
static const struct pl_transport pipes
    = { .struct_size = sizeof (struct pl_transport), .carries = PL_STREAM };

#define TRANSFORM(table, ...) \
  static const struct pl_transform table \
      = { .struct_size = sizeof (struct pl_transform), .message = no_message, __VA_ARGS__ }

TRANSFORM (echo, .params = NULL);
TRANSFORM (chat, .flags = PL_SHARED_STATE);
TRANSFORM (uppercase, .params = uppercase_params);
TRANSFORM (count_s, .params = count_s_params);
TRANSFORM (http, .frame = no_frame);
TRANSFORM (repeat, .params = repeat_params);
TRANSFORM (tune, .params = tune_params);

#define PLUGIN(kind, name, summary, transform, transport) \
  { \
    PL_MAGIC, PL_ABI, sizeof (struct pl_plugin), kind, name, "1", summary, transform, transport \
  }

static const struct pl_plugin plugins[] = {
  PLUGIN (PL_KIND_TRANSPORT, "udp", "Carries datagrams", NULL, &udp),
  PLUGIN (PL_KIND_TRANSPORT, "tcp", "Carries a stream", NULL, &tcp),
  PLUGIN (PL_KIND_TRANSPORT, "pipes", "Carries a stream that cannot be reset", NULL, &pipes),
  PLUGIN (PL_KIND_TRANSFORM, "echo", "Sends each message back", &echo, NULL),
  PLUGIN (PL_KIND_TRANSFORM, "chat", "A room", &chat, NULL),
  PLUGIN (PL_KIND_TRANSFORM, "uppercase", "Sends each message back in upper case", &uppercase,
          NULL),
  PLUGIN (PL_KIND_TRANSFORM, "count_s", "Counts a letter", &count_s, NULL),
  PLUGIN (PL_KIND_TRANSFORM, "http", "Cuts its own stream", &http, NULL),
  PLUGIN (PL_KIND_TRANSFORM, "repeat", "Sends each message back many times", &repeat, NULL),
  PLUGIN (PL_KIND_TRANSFORM, "tune", "Plays a tune", &tune, NULL),
};

static const struct pl_plugin *
find (void *self, enum pl_kind kind, const char *name, char *message, char *remedy, size_t size)
{
  const char *known[sizeof plugins / sizeof plugins[0] + 1] = { NULL };
  size_t count = 0;
  const char *meant;

  (void) self;
  for (size_t i = 0; i < sizeof plugins / sizeof plugins[0]; i++)
    {
      if (plugins[i].kind != kind)
        continue;
      if (strcmp (plugins[i].name, name) == 0)
        return &plugins[i];
      known[count++] = plugins[i].name;
    }
  snprintf (message, size, "no %s \"%s\"", kind == PL_KIND_TRANSPORT ? "transport" : "transform",
            name);
  meant = suggest (name, known);
  if (meant != NULL)
    snprintf (remedy, size, "Did you mean \"%s\"?", meant);
  return NULL;
}

const struct lab_plugins fake_plugins = { find, NULL };
