/* suggest_test.c - which known word was meant by an unknown one. */
#include "lab/lab.h"
#include "unit.h"

static const char *const keys[]
    = { "transport", "transform", "port", "host", "framing", "close", "timeout_ms", NULL };

#define MEANT(word, known) assert_string_equal (suggest (word, keys), known)
#define NOT_MEANT(word) assert_null (suggest (word, keys))

static void
one_letter_wrong (void **state)
{
  (void) state;
  MEANT ("transprot", "transport");  /* exchanged */
  MEANT ("trasport", "transport");   /* left out */
  MEANT ("transpport", "transport"); /* doubled */
  MEANT ("transforn", "transform");  /* changed */
  MEANT ("ports", "port");
  MEANT ("prot", "port");
}

static void
case_and_dash (void **state)
{
  static const char *const words[] = { "count_s", NULL };

  (void) state;
  MEANT ("PORT", "port");
  assert_string_equal (suggest ("Count-S", words), "count_s");
}

static void
unit_left_out (void **state)
{
  (void) state;
  MEANT ("timeout", "timeout_ms");
  NOT_MEANT ("ti");
}

static void
nothing_near (void **state)
{
  static const char *const nothing[] = { NULL };
  static const char *const small[] = { "s", "ab", NULL };

  (void) state;
  NOT_MEANT ("colour");
  NOT_MEANT ("");
  NOT_MEANT ("xyzt");
  assert_null (suggest ("port", nothing));
  assert_null (suggest ("t", small));
  assert_null (suggest ("ax", small));
}

static void
nearest_of_several (void **state)
{
  static const char *const words[] = { "length32", "length16", NULL };

  (void) state;
  assert_string_equal (suggest ("length61", words), "length16");
  assert_string_equal (suggest ("length", words), "length32"); /* the first of equals */
}

static void
long_words (void **state)
{
  char word[5000];
  const char *const list[] = { word, "port", NULL };

  (void) state;
  memset (word, 'p', sizeof word);
  word[sizeof word - 1] = '\0';
  NOT_MEANT (word);
  assert_null (suggest (word, list));
  assert_string_equal (suggest ("prot", list), "port");
}

UNIT_MAIN (cmocka_unit_test (one_letter_wrong), cmocka_unit_test (case_and_dash),
           cmocka_unit_test (unit_left_out), cmocka_unit_test (nothing_near),
           cmocka_unit_test (nearest_of_several), cmocka_unit_test (long_words))
