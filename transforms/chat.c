/* chat.c - a room: what one says, all others hear. */
#include <protolab.h>
#include <ctype.h>
#include <stdio.h>

enum
{
  NAME_MAX_SIZE = 16,
  LISTED = 50 /* people whom a newcomer is told by name */
};

struct chat_session
{
  char name[NAME_MAX_SIZE + 1]; /* "": not in the room yet */
};

static const char *
chat_name (const struct pl_session *s)
{
  return ((const struct chat_session *) s->state)->name;
}

/* The next one in the room but s itself; NULL at the end. */
static struct pl_session *
chat_next (struct pl_session *s, struct pl_session *after)
{
  do
    after = pl_next_session (s->lab, after);
  while (after != NULL && (after == s || *chat_name (after) == '\0'));
  return after;
}

/* What pl_sendf returns is not looked at: where one peer cannot be reached, the host ends that
 * session, and this one goes on. */
static void
chat_tell_others (struct pl_session *s, const char *before, const char *after, const char *text,
                  size_t n)
{
  for (struct pl_session *at = chat_next (s, NULL); at != NULL; at = chat_next (s, at))
    pl_sendf (at, "%s%s%s%.*s", before, chat_name (s), after, (int) n, text);
}

static int
chat_tell_who_is_here (struct pl_session *s)
{
  char names[LISTED * (NAME_MAX_SIZE + 2) + 1] = "", *end = names;
  unsigned others = 0;

  for (struct pl_session *at = chat_next (s, NULL); at != NULL; at = chat_next (s, at))
    if (others++ < LISTED)
      end += sprintf (end, "%s%s", others > 1 ? ", " : "", chat_name (at));
  if (others > LISTED)
    return pl_sendf (s, "* The room contains: %s and %u more", names, others - LISTED);
  return pl_sendf (s, "* The room contains: %s", names);
}

/* Why nobody can have that name; NULL: this one can. */
static const char *
chat_objection (struct pl_session *s, const uint8_t *name, size_t n)
{
  if (n < 1 || n > NAME_MAX_SIZE)
    return "A name has 1 to 16 characters";
  for (size_t i = 0; i < n; i++)
    if (name[i] >= 0x80 || !isalnum (name[i]))
      return "A name has letters and digits only";
  for (struct pl_session *at = chat_next (s, NULL); at != NULL; at = chat_next (s, at))
    if (strlen (chat_name (at)) == n && memcmp (chat_name (at), name, n) == 0)
      return "Somebody here has that name";
  return NULL;
}

static int
chat_join (struct pl_session *s, const uint8_t *name, size_t n)
{
  struct chat_session *c = s->state;
  const char *objection = chat_objection (s, name, n);

  if (objection != NULL)
    {
      int status = pl_sendf (s, "%s. Good bye!", objection);

      pl_close (s);
      return status;
    }
  memcpy (c->name, name, n);
  chat_tell_others (s, "* ", " has entered the room", "", 0);
  return chat_tell_who_is_here (s);
}

static int
chat_open (struct pl_session *s)
{
  return pl_sendf (s, "Welcome to budgetchat! What shall I call you?");
}

static int
chat_message (struct pl_session *s, const uint8_t *in, size_t n)
{
  if (n > 0 && in[n - 1] == '\r') /* telnet ends lines with CR LF */
    n--;
  if (*chat_name (s) == '\0')
    return chat_join (s, in, n);
  chat_tell_others (s, "[", "] ", (const char *) in, n);
  return 0;
}

static void
chat_close (struct pl_session *s)
{
  if (*chat_name (s) != '\0')
    chat_tell_others (s, "* ", " has left the room", "", 0);
}

PL_TRANSFORM (chat, "A room: what one says, all others hear", .flags = PL_SHARED_STATE,
              .session_size = sizeof (struct chat_session), .open = chat_open,
              .message = chat_message, .close = chat_close)
