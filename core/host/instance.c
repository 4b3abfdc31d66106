#include "host/endpoint.h"
#include "host/guard.h"

#include <stdio.h>
#include <stdlib.h>

static void
fill_in (uint8_t *state, const struct lab_value *value)
{
  uint8_t *to = state + value->param->offset;
  const char *string = value->string;

  switch (value->param->type)
    {
    case PL_INTEGER:
      memcpy (to, &value->integer, sizeof value->integer);
      break;
    case PL_BOOLEAN:
      memcpy (to, &value->boolean, sizeof value->boolean);
      break;
    case PL_STRING:
      memcpy (to, &string, sizeof string);
      break;
    }
}

static int
call_setup (struct instance *instance, int (*setup) (struct pl_lab *))
{
  struct guard before = guard_enter (instance->plugin->name, "setup");
  int status = setup (&instance->lab);

  guard_leave (before);
  return status;
}

int
instance_setup (struct instance *instance, struct endpoint *endpoint,
                const struct lab_plugin *chosen)
{
  const struct pl_plugin *plugin = chosen->plugin;
  bool transform = plugin->kind == PL_KIND_TRANSFORM;
  uint32_t size = transform ? plugin->transform->lab_size : plugin->transport->lab_size;
  int (*setup) (struct pl_lab *) = transform ? plugin->transform->setup : plugin->transport->setup;

  instance->lab.host = &services;
  instance->endpoint = endpoint;
  instance->plugin = plugin;
  if (size > 0)
    {
      instance->lab.state = calloc (1, size);
      if (instance->lab.state == NULL)
        {
          snprintf (instance->reason, sizeof instance->reason, "out of memory");
          return -1;
        }
    }
  for (size_t i = 0; i < chosen->count; i++)
    fill_in (instance->lab.state, &chosen->values[i]);
  if (setup != NULL && call_setup (instance, setup) != 0)
    return -1;
  instance->set_up = true;
  return 0;
}

void
instance_teardown (struct instance *instance)
{
  if (instance->set_up)
    {
      const struct pl_plugin *plugin = instance->plugin;
      void (*teardown) (struct pl_lab *) = plugin->kind == PL_KIND_TRANSFORM
                                               ? plugin->transform->teardown
                                               : plugin->transport->teardown;

      struct guard before = guard_enter (plugin->name, "teardown");

      if (teardown != NULL)
        teardown (&instance->lab);
      guard_leave (before);
      instance->set_up = false;
    }
  free (instance->lab.state);
  instance->lab.state = NULL;
}

const char *
instance_reason (struct instance *instance)
{
  if (instance->reason[0] == '\0')
    snprintf (instance->reason, sizeof instance->reason,
              "the plugin \"%s\" failed and did not say why", instance->plugin->name);
  return instance->reason;
}
