/* keyboard.h - sentences from a terminal, with line editing and history, or from
 * a pipe or file, silently. */
#ifndef PL_COMMAND_KEYBOARD_H
#define PL_COMMAND_KEYBOARD_H

#include "host/buffer.h"
#include "host/loop.h"

struct keyboard
{
  struct loop *loop;
  struct watch watch;
  bool terminal;
  const char *prompt;
  struct buffer read; /* what has come and is not yet taken: pipes */
  bool ended;
  bool failed; /* it ended too early, and that was told */
  bool asked;  /* a sentence is wanted */

  /* A sentence, without its newline; data NULL: there are no more.  A call of keyboard_ask
   * leads to one call of this. */
  void (*sentence) (void *self, const uint8_t *data, size_t n);
  void *self;
};

/* prompt is lent for as long as the keyboard is used. */
void keyboard_open (struct keyboard *keyboard, struct loop *loop, const char *prompt);

/* Asks for the next sentence. */
void keyboard_ask (struct keyboard *keyboard);

/* Takes the prompt, and what is typed so far, off the screen, and puts it back: for whatever has to
 * be printed while a sentence is asked for. */
void keyboard_hide (struct keyboard *keyboard);
void keyboard_show (struct keyboard *keyboard);

/* Gives the terminal back as it was. */
void keyboard_close (struct keyboard *keyboard);

#endif
