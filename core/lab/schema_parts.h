/* schema_parts.h - the parts of the writer of schemas, for each other. */
#ifndef PL_LAB_SCHEMA_PARTS_H
#define PL_LAB_SCHEMA_PARTS_H

#include "lab/reader.h"

/* The plugins that a lab may name. */
struct found
{
  const struct pl_plugin *const *plugins;
  size_t count;
};

/* schema_parts.c: all return NULL where memory ran out or a part of theirs is NULL, so that
 * one look at the very end is enough.  They take the parts that they are given. */

/* An object with one more member, or a list (key NULL) with one more element. */
cJSON *schema_with (cJSON *to, const char *key, cJSON *item);

/* With a first member, a first element. */
cJSON *schema_object (const char *key, cJSON *item);
cJSON *schema_list (cJSON *first);

cJSON *schema_string (const char *value);
cJSON *schema_integer (int64_t value);

/* { "type": type } */
cJSON *schema_of_type (const char *type);

/* What has one of those shapes; where there are none, nothing has. */
cJSON *schema_any_of (cJSON *shapes);

/* schema_cross.c */

/* What cross_check looks at, as far as a schema can say it. */
cJSON *schema_conditions (const struct found *found);

#endif
