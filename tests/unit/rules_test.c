/* rules_test.c - what a good descriptor becomes, and how far each rule goes. */
#include "fake_plugins.h"
#include "lab/describe.h"
#include "lab/rules.h"
#include "unit.h"

#define UDP "\"transport\": \"udp\", \"transform\": \"echo\", \"port\": 12000"
#define TCP "\"transport\": \"tcp\", \"transform\": \"echo\", \"port\": 12000"

static struct report report;

/* A lab, which must be good. */
static struct lab *
lab_of (const char *text)
{
  struct lab *lab;

  report_init (&report, "labs/first.json");
  lab = lab_parse (text, strlen (text), &fake_plugins, &report);
  if (lab == NULL)
    fail_msg ("%s: %s", text, report.list[0].message);
  report_free (&report);
  return lab;
}

static void
good (const char *text)
{
  lab_free (lab_of (text));
}

/* The descriptor has that one mistake: the message begins so. */
static void
bad (const char *text, const char *message)
{
  report_init (&report, "labs/first.json");
  assert_null (lab_parse (text, strlen (text), &fake_plugins, &report));
  if (report.count != 1 || strncmp (report.list[0].message, message, strlen (message)) != 0)
    {
      report_write (&report, stderr);
      fail_msg ("%s: wanted only: %s", text, message);
    }
  report_free (&report);
}

static void
defaults (void **state)
{
  struct lab *lab = lab_of ("{ " UDP " }");

  (void) state;
  assert_string_equal (lab->path, "labs/first.json");
  assert_string_equal (lab->name, "first");
  assert_null (lab->title);
  assert_null (lab->about);
  assert_string_equal (lab->transport.name, "udp");
  assert_int_equal (lab->transport.count, 0);
  assert_int_equal (lab->transform_count, 1);
  assert_string_equal (lab->transforms[0].name, "echo");
  assert_string_equal (lab->host, "127.0.0.1");
  assert_int_equal (lab->port, 12000);
  assert_int_equal (lab->framing.kind, FRAMING_DATAGRAM);
  assert_false (lab->close_after_reply);
  assert_string_equal (lab->client.prompt, "Input lowercase sentence: ");
  assert_true (lab->client.repeat);
  assert_int_equal (lab->client.timeout_ms, 2000);
  assert_int_equal (lab->limits.message_bytes, PL_DATAGRAM_MAX);
  assert_int_equal (lab->limits.sessions, 20000);
  assert_int_equal (lab->limits.idle_ms, 600000);
  assert_int_equal (lab->limits.unsent_bytes, 1048576);
  assert_int_equal (lab->workers, 1);
  assert_int_equal (lab->link.seed, 1);
  assert_int_equal (lab->link.direction, LAB_BOTH);
  assert_int_equal (lab->link.script_count, 0);
  assert_false (lab_plays_link (lab));
  lab_free (lab);

  lab = lab_of ("{ " TCP " }");
  assert_int_equal (lab->framing.kind, FRAMING_LINE);
  assert_int_equal (lab->limits.message_bytes, 1048576);
  lab_free (lab);
}

static void
all_keys (void **state)
{
  struct lab *lab = lab_of (
      "{ \"$schema\": 1, \"x-any\": [ { \"x\": null } ], \"name\": \"A.b_c-1\","
      "  \"title\": \"Gr\303\274n\", \"about\": \"# One\\nTwo\","
      "  \"transport\": { \"plugin\": \"tcp\", \"x-why\": 1 },"
      "  \"transform\": [ { \"plugin\": \"count_s\", \"letter\": \"\303\237\" }, \"echo\","
      "                 { \"plugin\": \"repeat\", \"times\": 9 } ],"
      "  \"port\": 65535, \"host\": \"::1\", \"framing\": \"fixed:7\", \"close\": \"after-reply\","
      "  \"client\": { \"prompt\": \"\", \"repeat\": false, \"timeout_ms\": 3600000, \"x-\": 0 },"
      "  \"limits\": { \"message_bytes\": 7, \"sessions\": 1000000, \"idle_ms\": 0,"
      "              \"unsent_bytes\": 1073741824 }, \"workers\": 1 }");

  (void) state;
  assert_string_equal (lab->name, "A.b_c-1");
  assert_string_equal (lab->title, "Gr\303\274n");
  assert_string_equal (lab->about, "# One\nTwo");
  assert_int_equal (lab->transform_count, 3);
  assert_int_equal (lab->transforms[0].count, 2);
  assert_string_equal (lab->transforms[0].values[0].string, "\303\237");
  assert_true (lab->transforms[0].values[0].given);
  assert_false (lab->transforms[0].values[1].boolean);
  assert_false (lab->transforms[0].values[1].given);
  assert_string_equal (lab->transforms[1].name, "echo");
  assert_int_equal (lab->transforms[2].values[0].integer, 9);
  assert_int_equal (lab->port, 65535);
  assert_string_equal (lab->host, "::1");
  assert_int_equal (lab->framing.kind, FRAMING_FIXED);
  assert_int_equal (lab->framing.size, 7);
  assert_true (lab->close_after_reply);
  assert_string_equal (lab->client.prompt, "");
  assert_false (lab->client.repeat);
  assert_int_equal (lab->client.timeout_ms, 3600000);
  assert_int_equal (lab->limits.message_bytes, 7);
  assert_int_equal (lab->limits.sessions, 1000000);
  assert_int_equal (lab->limits.idle_ms, 0);
  assert_int_equal (lab->limits.unsent_bytes, 1073741824);
  lab_free (lab);
}

static void
integers_by_value (void **state)
{
  struct lab *lab = lab_of ("{ \"transport\": \"udp\", \"transform\": \"echo\", \"port\": 1.2e4 }");

  (void) state;
  assert_int_equal (lab->port, 12000);
  lab_free (lab);
  good ("{ \"transport\": \"udp\", \"transform\": \"echo\", \"port\": 12000.0 }");
  good ("{ \"transport\": \"udp\", \"transform\": \"echo\", \"port\": -0 }");
  bad ("{ \"transport\": \"udp\", \"transform\": \"echo\", \"port\": 1.25e1 }",
       "\"port\": a whole number is wanted");
}

/* Both ends of a range pass, and their neighbours do not. */
static void
ranges (void **state)
{
  static const struct
  {
    const char *key, *format;
    long long least, most;
  } keys[] = {
    { "timeout_ms", "{ " TCP ", \"client\": { \"timeout_ms\": %lld } }", 1, 3600000 },
    { "message_bytes", "{ " TCP ", \"limits\": { \"message_bytes\": %lld } }", 1, 16777216 },
    { "message_bytes", "{ " UDP ", \"limits\": { \"message_bytes\": %lld } }", 1, 65507 },
    { "message_bytes",
      "{ " TCP ", \"framing\": \"length16\", \"limits\": { \"message_bytes\": %lld } }", 1, 65535 },
    { "sessions", "{ " TCP ", \"limits\": { \"sessions\": %lld } }", 1, 1000000 },
    { "idle_ms", "{ " TCP ", \"limits\": { \"idle_ms\": %lld } }", 0, 86400000 },
    { "unsent_bytes", "{ " TCP ", \"limits\": { \"unsent_bytes\": %lld } }", 1, 1073741824 },
    { "delay_ms", "{ " UDP ", \"link\": { \"delay_ms\": %lld } }", 0, 3600000 },
    { "jitter_ms", "{ " TCP ", \"link\": { \"jitter_ms\": %lld } }", 0, 3600000 },
    { "rate_kbps", "{ " UDP ", \"link\": { \"rate_kbps\": %lld } }", 1, 1000000000 },
    { "slice", "{ " TCP ", \"link\": { \"slice\": %lld } }", 1, 1073741824 },
    { "loss", "{ " UDP ", \"link\": { \"loss\": %lld } }", 0, 1 },
    { "reorder", "{ " UDP ", \"link\": { \"reorder\": %lld } }", 0, 1 },
    { "port", "{ \"transport\": \"tcp\", \"transform\": \"echo\", \"port\": %lld }", 0, 65535 },
    { "times",
      "{ \"transport\": \"tcp\", \"transform\": { \"plugin\": \"repeat\", \"times\": %lld }, "
      "\"port\": 1 }",
      1, 9 },
  };
  char text[256];
  char message[64];

  (void) state;
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    {
      const long long tried[]
          = { keys[i].least, keys[i].most, keys[i].least - 1, keys[i].most + 1 };

      snprintf (message, sizeof message, "\"%s\": a number from ", keys[i].key);
      for (int j = 0; j < 4; j++)
        {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
          snprintf (text, sizeof text, keys[i].format, tried[j]);
#pragma GCC diagnostic pop
          if (j < 2)
            good (text);
          else
            bad (text, message);
        }
    }
}

static void
framing_words (void **state)
{
  static const char *const words[]
      = { "recv", "line", "eof", "length16", "length32", "fixed:1", "fixed:1048576" };
  char text[256];
  char name[32];

  (void) state;
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    {
      struct lab *lab;

      snprintf (text, sizeof text, "{ " TCP ", \"framing\": \"%s\" }", words[i]);
      lab = lab_of (text);
      assert_string_equal (framing_name (lab->framing, name, sizeof name), words[i]);
      assert_true (strlen (framing_meaning (lab->framing)) > 10);
      lab_free (lab);
    }
  good ("{ " UDP ", \"framing\": \"datagram\" }");
  good ("{ " UDP ", \"close\": \"keep\" }");
  good ("{ \"transport\": \"tcp\", \"transform\": [ \"http\", \"echo\" ], \"port\": 1, "
        "\"framing\": \"plugin\" }");
  bad ("{ \"transport\": \"tcp\", \"transform\": [ \"echo\", \"http\" ], \"port\": 1, "
       "\"framing\": \"plugin\" }",
       "\"framing\": the transform echo has no frame hook");
  bad ("{ " TCP ", \"framing\": \"fixed:01\" }", "\"framing\": \"fixed:4\" or another");
  bad ("{ " TCP ", \"framing\": \"fixed:-1\" }", "\"framing\": \"fixed:4\" or another");
  bad ("{ " TCP ", \"framing\": \"fixed:99999999999999999999999\" }", "\"framing\": messages of");
  bad ("{ " TCP ", \"framing\": \"fixed:1048577\" }", "\"framing\": messages of 1048577 bytes");
}

static void
limits_follow_the_framing (void **state)
{
  struct lab *lab = lab_of ("{ " TCP ", \"framing\": \"length16\" }");

  (void) state;
  assert_int_equal (lab->limits.message_bytes, 65535);
  lab_free (lab);
}

/* A mistake is not held against a second rule as well. */
static void
one_mistake_one_error (void **state)
{
  (void) state;
  bad ("{ " UDP ", \"framing\": \"datagrams\" }", "\"framing\": \"datagrams\" is none");
  bad ("{ " TCP ", \"framing\": \"lines\" }", "\"framing\": \"lines\" is none");
  bad ("{ " UDP ", \"limits\": { \"message_bytes\": \"9\" } }", "\"message_bytes\": a number");
  bad ("{ " TCP ", \"framing\": \"fixed:2000000\", \"limits\": { \"message_bytes\": -1 } }",
       "\"message_bytes\": a number");
  bad ("{ " UDP ", \"limits\": 5 }", "\"limits\": an object");
  bad ("{ \"transport\": \"upd\", \"transform\": \"echo\", \"port\": 1, \"framing\": \"line\" }",
       "no transport \"upd\"");
  bad ("{ \"transport\": \"udp\", \"transform\": { \"plugin\": \"ech\", \"nonsense\": 1 }, "
       "\"port\": 1 }",
       "no transform \"ech\"");
  bad ("{ \"Transport\": \"udp\", \"transform\": \"echo\", \"port\": 1 }",
       "\"Transport\": no such");
  bad ("{ " UDP ", \"port\": \"x\" }", "\"port\": this key stands");
}

static void
link_is_kept (void **state)
{
  struct lab *lab = lab_of (
      "{ " UDP ", \"link\": { \"seed\": 7, \"loss\": 0.25, \"duplicate\": 1, \"corrupt\": 0.5, "
      "\"truncate\": 1e-3, \"reorder\": 0, \"delay_ms\": 20, \"jitter_ms\": 5, \"rate_kbps\": 64, "
      "\"direction\": \"out\", \"script\": [ \"drop 3 in\", \"delay 4-5 out 30ms\" ], "
      "\"x-y\": 1 } }");

  (void) state;
  assert_true (lab_plays_link (lab));
  assert_int_equal (lab->link.seed, 7);
  assert_true (lab->link.loss == 0.25 && lab->link.duplicate == 1 && lab->link.corrupt == 0.5
               && lab->link.truncate == 1e-3 && lab->link.reorder == 0);
  assert_int_equal (lab->link.delay_ms, 20);
  assert_int_equal (lab->link.jitter_ms, 5);
  assert_int_equal (lab->link.rate_kbps, 64);
  assert_int_equal (lab->link.direction, LAB_OUT);
  assert_int_equal (lab->link.script_count, 2);
  assert_int_equal (lab->link.script[0].what, LAB_DROP);
  assert_int_equal (lab->link.script[1].what, LAB_DELAY);
  assert_int_equal (lab->link.script[1].last, 5);
  lab_clear_link (lab);
  assert_false (lab_plays_link (lab));
  lab_free (lab);

  lab = lab_of ("{ " TCP ", \"link\": { \"slice\": 3, \"reset_after\": 9 } }");
  assert_true (lab_plays_link (lab));
  assert_int_equal (lab->link.slice, 3);
  assert_int_equal (lab->link.reset_after, 9);
  lab_free (lab);
}

/* Each key that does something is a link by itself; the others are none. */
static void
link_that_does_nothing (void **state)
{
  static const char *const something[]
      = { "\"loss\": 0.1",     "\"duplicate\": 0.1", "\"corrupt\": 0.1",
          "\"truncate\": 0.1", "\"reorder\": 0.1",   "\"delay_ms\": 1",
          "\"jitter_ms\": 1",  "\"rate_kbps\": 1",   "\"script\": [ \"drop 1 in\" ]" };
  static const char *const nothing[] = { "\"loss\": 0",           "\"delay_ms\": 0", "\"seed\": 5",
                                         "\"direction\": \"in\"", "\"script\": []",  "\"x-y\": 1" };
  char text[256];

  (void) state;
  for (size_t i = 0; i < sizeof something / sizeof something[0]; i++)
    {
      struct lab *lab;

      snprintf (text, sizeof text, "{ " UDP ", \"link\": { %s } }", something[i]);
      lab = lab_of (text);
      assert_true (lab_plays_link (lab));
      lab_free (lab);
    }
  for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++)
    {
      struct lab *lab;

      snprintf (text, sizeof text, "{ " UDP ", \"link\": { %s } }", nothing[i]);
      lab = lab_of (text);
      assert_false (lab_plays_link (lab));
      lab_free (lab);
    }
}

static void
link_and_transport (void **state)
{
  static const char *const of_datagrams[]
      = { "\"loss\": 0",     "\"duplicate\": 0", "\"corrupt\": 0",
          "\"truncate\": 0", "\"reorder\": 0",   "\"script\": []" };
  char text[256], message[64];

  (void) state;
  for (size_t i = 0; i < sizeof of_datagrams / sizeof of_datagrams[0]; i++)
    {
      snprintf (text, sizeof text, "{ " TCP ", \"link\": { %s } }", of_datagrams[i]);
      snprintf (message, sizeof message, "%.*s tcp carries a stream, of which nothing is lost",
                (int) strcspn (of_datagrams[i], " "), of_datagrams[i]);
      bad (text, message);
    }
  bad ("{ " UDP ", \"link\": { \"slice\": 1 } }", "\"slice\": udp carries datagrams");
  bad ("{ " UDP ", \"link\": { \"reset_after\": 1 } }", "\"reset_after\": udp carries datagrams");
  bad ("{ \"transport\": \"pipes\", \"transform\": \"echo\", \"port\": 1, "
       "\"link\": { \"reset_after\": 1 } }",
       "\"reset_after\": pipes has no reset hook");
  good ("{ \"transport\": \"pipes\", \"transform\": \"echo\", \"port\": 1, "
        "\"link\": { \"slice\": 1 } }");
  /* One mistake, one error. */
  bad ("{ \"transport\": \"upd\", \"transform\": \"echo\", \"port\": 1, \"link\": { \"slice\": 1 } "
       "}",
       "no transport \"upd\"");
  bad ("{ " UDP ", \"workers\": 2, \"link\": {} }", "\"workers\": a link numbers the packets");
  good ("{ " UDP ", \"workers\": 1, \"link\": { \"loss\": 1 } }");
}

static void
long_scripts (void **state)
{
  size_t size;
  char *text = NULL;

  (void) state;
  for (int count = LAB_SCRIPT_MAX; count <= LAB_SCRIPT_MAX + 1; count++)
    {
      FILE *to = open_memstream (&text, &size);

      fputs ("{ " UDP ", \"link\": { \"script\": [", to);
      for (int i = 0; i < count; i++)
        fprintf (to, "%s\"drop %d in\"", i == 0 ? "" : ",", i + 1);
      fputs ("] } }", to);
      fclose (to);
      if (count == LAB_SCRIPT_MAX)
        good (text);
      else
        bad (text, "\"script\": a list of at most 256 is wanted, and this one has 257");
      free (text);
    }
}

/* What --loss and its like do. */
static void
link_from_texts (void **state)
{
  static const struct
  {
    const char *key, *text, *message; /* NULL: it is taken */
  } rows[] = {
    { "loss", "0.3", NULL },
    { "loss", ".5", NULL },
    { "loss", "1e-2", NULL },
    { "loss", "0", NULL },
    { "loss", "1.01", "a number from 0 to 1 is wanted" },
    { "loss", "", "a number from 0 to 1 is wanted" },
    { "loss", ".", "a number from 0 to 1 is wanted" },
    { "loss", "0.3 ", "a number from 0 to 1 is wanted" },
    { "loss", "30%", "a number from 0 to 1 is wanted" },
    { "loss", "inf", "a number from 0 to 1 is wanted" },
    { "loss", "0,3", "a number from 0 to 1 is wanted" },
    { "seed", "9007199254740992", NULL },
    { "seed", "9007199254740994", "a number from 0 up is wanted" },
    { "seed", "+1", "a number from 0 up is wanted" },
    { "seed", " 1", "a number from 0 up is wanted" },
    { "delay_ms", "0.5", "a number from 0 to 3600000 is wanted" },
    { "direction", "in", NULL },
    { "direction", "inn", "\"in\", \"out\" or \"both\" is wanted" },
    { "script", "drop 3 in", NULL },
    { "script", "drop 3", "\"in\" or \"out\" is wanted, and nothing is there" },
    { "slice", "1", "udp carries datagrams, each of which travels whole and by itself" },
  };
  struct lab *lab = lab_of ("{ " UDP " }");

  (void) state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
      char message[256] = "", remedy[256] = "unset";
      int status = lab_set_link (lab, rows[i].key, rows[i].text, message, remedy, sizeof message);

      assert_int_equal (status, rows[i].message == NULL ? 0 : -1);
      assert_string_equal (message, rows[i].message == NULL ? "" : rows[i].message);
      assert_string_not_equal (remedy, "unset");
    }
  assert_true (lab->link.loss == 0);
  assert_int_equal (lab->link.seed, INT64_C (9007199254740992));
  assert_int_equal (lab->link.direction, LAB_IN);
  assert_int_equal (lab->link.script_count, 1);
  lab_free (lab);
}

static void
check_is_read (void **state)
{
  (void) state;
  bad ("{ " UDP ", \"check\": { \"tier\": \"hostile\", \"require\": [ \"unicode\", \"timeout\", "
       "\"concurrent\", \"restart\" ], \"points\": 1000 } }",
       "\"check\": not yet");
}

/* Tables that the JSON Schema and the manual are made from must be whole. */
static void
check_table (const struct rule *rules)
{
  for (; rules->key != NULL; rules++)
    {
      assert_non_null (rules->help);
      assert_ptr_equal (rule_find (rules, rules->key), rules);
      assert_true (rules->type != RULE_WORD || rules->words != NULL);
      assert_true (rules->preset == NULL || rules->example == NULL);
      if (rules->type == RULE_OBJECT)
        check_table (rules->inside);
    }
}

static void
tables (void **state)
{
  (void) state;
  check_table (lab_rules);
  assert_null (rule_find (lab_rules, "Port"));
  assert_true (rule_is_free ("x-"));
  assert_false (rule_is_free ("X-a"));
}

UNIT_MAIN (cmocka_unit_test (defaults), cmocka_unit_test (all_keys),
           cmocka_unit_test (integers_by_value), cmocka_unit_test (ranges),
           cmocka_unit_test (framing_words), cmocka_unit_test (limits_follow_the_framing),
           cmocka_unit_test (one_mistake_one_error), cmocka_unit_test (link_is_kept),
           cmocka_unit_test (link_that_does_nothing), cmocka_unit_test (link_and_transport),
           cmocka_unit_test (long_scripts), cmocka_unit_test (link_from_texts),
           cmocka_unit_test (check_is_read), cmocka_unit_test (tables))
