/* schema_parts.c - what a schema is put together from. */
#include "lab/schema_parts.h"

#include <inttypes.h>

cJSON *
schema_with (cJSON *to, const char *key, cJSON *item)
{
  if (to != NULL && item != NULL
      && (key == NULL ? cJSON_AddItemToArray (to, item) : cJSON_AddItemToObject (to, key, item)))
    return to;
  cJSON_Delete (to);
  cJSON_Delete (item);
  return NULL;
}

cJSON *
schema_object (const char *key, cJSON *item)
{
  return schema_with (cJSON_CreateObject (), key, item);
}

cJSON *
schema_list (cJSON *first)
{
  return schema_with (cJSON_CreateArray (), NULL, first);
}

cJSON *
schema_string (const char *value)
{
  return cJSON_CreateString (value);
}

/* A double would round it. */
cJSON *
schema_integer (int64_t value)
{
  char digits[32];

  snprintf (digits, sizeof digits, "%" PRId64, value);
  return cJSON_CreateRaw (digits);
}

cJSON *
schema_of_type (const char *type)
{
  return schema_object ("type", schema_string (type));
}

cJSON *
schema_any_of (cJSON *shapes)
{
  if (shapes != NULL && cJSON_GetArraySize (shapes) == 0)
    {
      cJSON_Delete (shapes);
      return cJSON_CreateFalse ();
    }
  return schema_object ("anyOf", shapes);
}
