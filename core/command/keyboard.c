#include "command/keyboard.h"

#include "command/command.h"

#include <editline/readline.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum
{
  READ_SIZE = 65536
};

/* libedit's callback has no pointer of ours. */
static struct keyboard *the_terminal;

static void
answer (struct keyboard *keyboard, const uint8_t *data, size_t n)
{
  keyboard->asked = false;
  if (keyboard->terminal)
    loop_watch (keyboard->loop, &keyboard->watch, 0);
  keyboard->sentence (keyboard->self, data, n);
}

/* libedit has a whole line, or NULL for Ctrl-D. */
static void
line_typed (char *line)
{
  struct keyboard *keyboard = the_terminal;

  rl_callback_handler_remove ();
  if (line == NULL)
    {
      keyboard->ended = true;
      putchar ('\n');
      fflush (stdout);
      answer (keyboard, NULL, 0);
      return;
    }
  if (line[0] != '\0')
    add_history (line);
  answer (keyboard, (const uint8_t *) line, strlen (line));
  free (line);
}

/* What is still to come is lost, for the reason in errno. */
static void
give_up (struct keyboard *keyboard)
{
  complain ("standard input", "%s", strerror (errno));
  keyboard->ended = keyboard->failed = true;
  buffer_free (&keyboard->read);
}

/* Answers from what was read, if a whole line is there, or what an ended file ends
 * with.  Whether it could. */
static bool
answer_from_read (struct keyboard *keyboard)
{
  size_t n = buffer_size (&keyboard->read);
  uint8_t *data = buffer_bytes (&keyboard->read);
  uint8_t *newline = n > 0 ? memchr (data, '\n', n) : NULL;
  uint8_t *line;

  if (newline != NULL)
    n = (size_t) (newline - data);
  else if (!keyboard->ended)
    return false;
  else if (n == 0)
    {
      answer (keyboard, NULL, 0);
      return true;
    }
  /* The next question may come from within the answer, and move the buffer. */
  line = malloc (n + 1);
  if (line == NULL)
    {
      give_up (keyboard);
      answer (keyboard, NULL, 0);
      return true;
    }
  memcpy (line, data, n);
  buffer_take (&keyboard->read, newline != NULL ? n + 1 : n);
  answer (keyboard, line, n);
  free (line);
  return true;
}

static void
read_more (struct keyboard *keyboard)
{
  uint8_t *room = buffer_room (&keyboard->read, READ_SIZE);
  ssize_t n = room == NULL ? -1 : read (keyboard->watch.fd, room, READ_SIZE);

  if (n == -1 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n == -1)
    give_up (keyboard);
  else if (n == 0)
    keyboard->ended = true;
  else
    keyboard->read.end += (size_t) n;
}

static void
ready (struct watch *watch, unsigned events)
{
  struct keyboard *keyboard
      = (struct keyboard *) ((char *) watch - offsetof (struct keyboard, watch));

  (void) events;
  if (keyboard->terminal)
    {
      rl_callback_read_char ();
      return;
    }
  read_more (keyboard);
  if (keyboard->ended)
    loop_forget (keyboard->loop, watch);
  else
    loop_watch (keyboard->loop, watch, 0);
  if (keyboard->asked)
    keyboard_ask (keyboard);
}

/* libedit drops letters that the locale does not have.  A terminal whose locale is not set is taken
 * for one of UTF-8, as nearly all are. */
static void
set_letters (void)
{
  setlocale (LC_CTYPE, "");
  if (strcmp (nl_langinfo (CODESET), "ANSI_X3.4-1968") == 0)
    setlocale (LC_CTYPE, "C.UTF-8");
}

void
keyboard_open (struct keyboard *keyboard, struct loop *loop, const char *prompt)
{
  keyboard->loop = loop;
  keyboard->prompt = prompt;
  keyboard->watch.fd = STDIN_FILENO;
  keyboard->watch.ready = ready;
  keyboard->terminal = isatty (STDIN_FILENO) && isatty (STDOUT_FILENO);
  if (keyboard->terminal)
    {
      set_letters ();
      the_terminal = keyboard;
      rl_readline_name = "protolab";
      rl_initialize ();
    }
}

void
keyboard_ask (struct keyboard *keyboard)
{
  keyboard->asked = true;
  if (keyboard->terminal)
    {
      rl_callback_handler_install (keyboard->prompt, line_typed);
      loop_watch (keyboard->loop, &keyboard->watch, PL_READABLE);
      return;
    }
  while (!answer_from_read (keyboard))
    {
      if (loop_watch (keyboard->loop, &keyboard->watch, PL_READABLE) == 0)
        return;
      /* A file cannot be waited for, and need not be. */
      read_more (keyboard);
    }
}

void
keyboard_hide (struct keyboard *keyboard)
{
  if (!keyboard->terminal || !keyboard->asked)
    return;
  fputs ("\r\033[K", stdout);
  fflush (stdout);
}

void
keyboard_show (struct keyboard *keyboard)
{
  if (keyboard->terminal && keyboard->asked)
    rl_forced_update_display ();
}

void
keyboard_close (struct keyboard *keyboard)
{
  if (keyboard->terminal && keyboard->asked)
    {
      rl_callback_handler_remove ();
      putchar ('\n');
    }
  keyboard->asked = false;
  loop_forget (keyboard->loop, &keyboard->watch);
  buffer_free (&keyboard->read);
}
