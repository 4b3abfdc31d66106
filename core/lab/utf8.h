/* utf8.h - characters and their bytes, RFC 3629. */
#ifndef PL_LAB_UTF8_H
#define PL_LAB_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* How many of the size bytes (at least 1) make up the first character, whose
 * number is put into *code; 0: they are not UTF-8. */
size_t utf8_decode (const char *text, size_t size, uint32_t *code);

/* Writes the bytes of a character, at most 4; returns how many. */
size_t utf8_encode (uint32_t code, char *to);

#endif
