/* lexeme.h - the texts and numbers of JSON, RFC 8259 sections 6 and 7. */
#ifndef PL_LAB_LEXEME_H
#define PL_LAB_LEXEME_H

#include "lab/report.h"

/* Reads the text whose opening quote is at that offset of report->text.  Returns
 * the offset behind its closing quote; 0 with the mistake reported.  Where to is
 * not NULL, the text goes there, without escapes and with a NUL behind it: never
 * more bytes than it takes in the file. */
size_t lexeme_text (struct report *report, size_t at, char *to);

/* The same for a number, and for what was meant to be one. */
size_t lexeme_number (struct report *report, size_t at);

/* Bytes of the word at that offset: letters, digits and what else may stand in a
 * number or a name. */
size_t lexeme_word (const struct report *report, size_t at);

/* Reports the bytes at that offset if they are not UTF-8, or NUL; true: they
 * are good.  *n is how many there are. */
bool lexeme_character (struct report *report, size_t at, uint32_t *code, size_t *n);

#endif
