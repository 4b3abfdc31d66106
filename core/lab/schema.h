/* schema.h - what a descriptor may say, as a JSON Schema (draft-07) for editors. */
#ifndef PL_LAB_SCHEMA_H
#define PL_LAB_SCHEMA_H

#include "protolab.h"

/* The schema of the labs that can be made with these plugins, as text that is to be freed.
 * NULL: out of memory.
 *
 * It refuses nothing that lab_read takes.  What only lab_read refuses is what a schema
 * cannot say: the length of a text in bytes, the N of "fixed:N" held against
 * "message_bytes", and what is wrong with the JSON itself, such as a repeated key. */
char *schema_text (const struct pl_plugin *const *plugins, size_t count);

#endif
