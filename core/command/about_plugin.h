/* about_plugin.h - what one plugin does and takes. */
#ifndef PL_COMMAND_ABOUT_PLUGIN_H
#define PL_COMMAND_ABOUT_PLUGIN_H

#include "protolab.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* For people; file is where it lies. */
void about_plugin (const struct pl_plugin *plugin, const char *file, FILE *to);

/* The same for programs; the caller deletes it. */
cJSON *about_plugin_json (const struct pl_plugin *plugin, const char *file);

#endif
