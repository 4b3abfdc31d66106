/* abi_test.c - the shape of what crosses the border between host and plugin, and the functions
 * that protolab.h compiles into the plugins. */
#include <protolab.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h> /* last: it defines fail () */

/* ----------------------------------------------------------------- shape -- */

/* Whoever must change a number here breaks plugins that are already compiled, unless it is the
 * size of a struct marked [grows] that has gained a member at its end. */
#if UINTPTR_MAX == UINT64_MAX
#define MEMBER(s, member, at) _Static_assert(offsetof (struct s, member) == at, #s "." #member)
#define SIZE(s, size) _Static_assert(sizeof (struct s) == size, #s)

MEMBER (pl_param, name, 0);
MEMBER (pl_param, type, 8);
MEMBER (pl_param, offset, 12);
MEMBER (pl_param, preset, 16);
MEMBER (pl_param, min, 24);
MEMBER (pl_param, max, 32);
MEMBER (pl_param, choices, 40);
MEMBER (pl_param, help, 48);
SIZE (pl_param, 56);

MEMBER (pl_lab, host, 0);
MEMBER (pl_lab, state, 8);
SIZE (pl_lab, 16);

MEMBER (pl_out, next, 0);
MEMBER (pl_out, end, 8);
MEMBER (pl_out, terminator, 16);
MEMBER (pl_out, reserved, 20);
SIZE (pl_out, 24);

MEMBER (pl_session, lab, 0);
MEMBER (pl_session, state, 8);
MEMBER (pl_session, out, 16);
SIZE (pl_session, 24);

MEMBER (pl_address, length, 0);
MEMBER (pl_address, as, 4);
SIZE (pl_address, 32);

MEMBER (pl_socket, lab, 0);
MEMBER (pl_socket, state, 8);
MEMBER (pl_socket, fd, 16);
MEMBER (pl_socket, role, 20);
MEMBER (pl_socket, peer, 24);
SIZE (pl_socket, 56);

MEMBER (pl_datagram, data, 0);
MEMBER (pl_datagram, room, 8);
MEMBER (pl_datagram, size, 16);
MEMBER (pl_datagram, peer, 24);
MEMBER (pl_datagram, local, 56);
MEMBER (pl_datagram, truncated, 88);
MEMBER (pl_datagram, reserved, 92);
SIZE (pl_datagram, 96);

MEMBER (pl_transform, struct_size, 0);
MEMBER (pl_transform, flags, 4);
MEMBER (pl_transform, needs, 8);
MEMBER (pl_transform, lab_size, 12);
MEMBER (pl_transform, session_size, 16);
MEMBER (pl_transform, reserved, 20);
MEMBER (pl_transform, params, 24);
MEMBER (pl_transform, setup, 32);
MEMBER (pl_transform, open, 40);
MEMBER (pl_transform, message, 48);
MEMBER (pl_transform, timer, 56);
MEMBER (pl_transform, close, 64);
MEMBER (pl_transform, teardown, 72);
MEMBER (pl_transform, frame, 80);
MEMBER (pl_transform, drained, 88);
SIZE (pl_transform, 96);

MEMBER (pl_transport, struct_size, 0);
MEMBER (pl_transport, carries, 4);
MEMBER (pl_transport, needs, 8);
MEMBER (pl_transport, lab_size, 12);
MEMBER (pl_transport, socket_size, 16);
MEMBER (pl_transport, reserved, 20);
MEMBER (pl_transport, params, 24);
MEMBER (pl_transport, setup, 32);
MEMBER (pl_transport, listen, 40);
MEMBER (pl_transport, connect, 48);
MEMBER (pl_transport, ready, 56);
MEMBER (pl_transport, send, 64);
MEMBER (pl_transport, send_datagrams, 72);
MEMBER (pl_transport, finish, 80);
MEMBER (pl_transport, close, 88);
MEMBER (pl_transport, teardown, 96);
MEMBER (pl_transport, reset, 104);
SIZE (pl_transport, 112);

MEMBER (pl_plugin, magic, 0);
MEMBER (pl_plugin, abi, 4);
MEMBER (pl_plugin, struct_size, 8);
MEMBER (pl_plugin, kind, 12);
MEMBER (pl_plugin, name, 16);
MEMBER (pl_plugin, version, 24);
MEMBER (pl_plugin, summary, 32);
MEMBER (pl_plugin, transform, 40);
MEMBER (pl_plugin, transport, 48);
SIZE (pl_plugin, 56);

MEMBER (pl_host, struct_size, 0);
MEMBER (pl_host, abi, 4);
MEMBER (pl_host, now, 8);
MEMBER (pl_host, random, 16);
MEMBER (pl_host, reason, 24);
MEMBER (pl_host, reserve, 32);
MEMBER (pl_host, commit, 40);
MEMBER (pl_host, send, 48);
MEMBER (pl_host, sendf, 56);
MEMBER (pl_host, note, 64);
MEMBER (pl_host, timer, 72);
MEMBER (pl_host, close, 80);
MEMBER (pl_host, next_session, 88);
MEMBER (pl_host, peer, 96);
MEMBER (pl_host, adopt, 104);
MEMBER (pl_host, connected, 112);
MEMBER (pl_host, failed, 120);
MEMBER (pl_host, room, 128);
MEMBER (pl_host, received, 136);
MEMBER (pl_host, lend, 144);
MEMBER (pl_host, deliver, 152);
MEMBER (pl_host, shares_port, 160);
SIZE (pl_host, 168);
#endif

_Static_assert(PL_MAGIC == 0x504c4142u && PL_ABI == 1 && PL_PADDING == 64, "constants");
_Static_assert(PL_INTEGER == 1 && PL_BOOLEAN == 2 && PL_STRING == 3, "enum pl_type");
_Static_assert(PL_WELCOMING == 1 && PL_CONNECTION == 2 && PL_SERVER == 3 && PL_CLIENT == 4,
               "enum pl_role");
_Static_assert(PL_READABLE == 1 && PL_WRITABLE == 2, "events");
_Static_assert(PL_SHARED_STATE == 1, "flags");
_Static_assert(PL_NEEDS_FILES == 1 && PL_NEEDS_NETWORK == 2 && PL_NEEDS_EXEC == 4, "needs");
_Static_assert(PL_STREAM == 1 && PL_DATAGRAMS == 2, "enum pl_carries");
_Static_assert(PL_KIND_TRANSPORT == 1 && PL_KIND_TRANSFORM == 2, "enum pl_kind");

/* -------------------------------------------------------------- functions -- */

#define ROOM 32

struct table
{
  struct pl_lab lab; /* the first member: the services get from it to the rest */
  struct pl_host host;
  struct pl_session session;
  struct pl_out out;
  uint8_t room[ROOM + PL_PADDING];
  uint8_t far[ROOM * 4];
  size_t reserved, committed; /* what the host was last asked for */
  unsigned reserves, commits; /* how often it was */
};

static uint8_t *
table_reserve (struct pl_session *s, size_t n)
{
  struct table *t = (struct table *) s->lab;

  t->reserves++;
  t->reserved = n;
  return n <= sizeof t->far ? t->far : NULL;
}

static int
table_commit (struct pl_session *s, size_t n)
{
  struct table *t = (struct table *) s->lab;

  t->commits++;
  t->committed = n;
  return 0;
}

static void
table_start (struct table *t, int32_t terminator)
{
  memset (t, 0, sizeof *t);
  t->host.struct_size = sizeof t->host;
  t->host.abi = PL_ABI;
  t->host.reserve = table_reserve;
  t->host.commit = table_commit;
  t->lab.host = &t->host;
  t->session.lab = &t->lab;
  t->session.out = &t->out;
  t->out.next = t->room;
  t->out.end = t->room + ROOM;
  t->out.terminator = terminator;
}

/* What fits never leaves the plugin. */
static void
fast (void **state)
{
  struct table t;

  (void) state;
  table_start (&t, '\n');
  assert_ptr_equal (pl_reserve (&t.session, 3), t.room);
  assert_int_equal (pl_send (&t.session, "one", 3), 0);
  assert_int_equal (pl_send (&t.session, "", 0), 0);
  assert_int_equal (pl_send (&t.session, NULL, 0), 0);
  assert_int_equal (pl_send (&t.session, "two", 3), 0);
  assert_memory_equal (t.room, "one\n\n\ntwo\n", 10);
  assert_ptr_equal (t.out.next, t.room + 10);
  assert_int_equal (t.reserves + t.commits, 0);
}

static void
fast_with_less_than_reserved (void **state)
{
  struct table t;

  (void) state;
  table_start (&t, 0);
  memcpy (pl_reserve (&t.session, 9), "123456789", 9);
  assert_int_equal (pl_commit (&t.session, 4), 0);
  assert_memory_equal (t.room, "1234\0", 5);
  assert_ptr_equal (t.out.next, t.room + 5);
}

static void
slow_without_room (void **state)
{
  struct table t;

  (void) state;
  table_start (&t, '\n');
  assert_int_equal (pl_send (&t.session, t.room, ROOM + 1), 0);
  assert_int_equal (t.reserves, 1);
  assert_int_equal (t.reserved, ROOM + 1);
  assert_int_equal (t.commits, 1);
  assert_int_equal (t.committed, ROOM + 1);
  assert_ptr_equal (t.out.next, t.room);
}

static void
slow_without_terminator (void **state)
{
  struct table t;

  (void) state;
  table_start (&t, -1);
  assert_int_equal (pl_send (&t.session, "one", 3), 0);
  assert_int_equal (t.reserves, 0);
  assert_int_equal (t.commits, 1);
  assert_int_equal (t.committed, 3);
  assert_memory_equal (t.room, "one", 4);
  assert_ptr_equal (t.out.next, t.room);
}

static void
refused (void **state)
{
  struct table t;

  (void) state;
  table_start (&t, '\n');
  assert_null (pl_reserve (&t.session, sizeof t.far + 1));
  assert_int_equal (pl_send (&t.session, t.room, sizeof t.far + 1), -1);
  assert_int_equal (t.commits, 0);
}

/* The terminator counts too: next must never pass end, or the room that is left looks endless. */
static void
filled_to_the_end (void **state)
{
  for (size_t n = ROOM - 2; n <= ROOM; n++)
    {
      static const uint8_t data[ROOM];
      struct table t;

      (void) state;
      table_start (&t, '\n');
      assert_int_equal (pl_send (&t.session, data, n), 0);
      assert_true (t.out.next <= t.out.end);
      if (t.out.next == t.room)
        assert_int_equal (t.committed, n);
      assert_ptr_equal (pl_reserve (&t.session, ROOM + 1), t.far);
    }
}

static void
host_has (void **state)
{
  struct pl_host host = { .struct_size = offsetof (struct pl_host, deliver), .abi = PL_ABI };

  (void) state;
  assert_true (PL_HOST_HAS (&host, lend));
  assert_false (PL_HOST_HAS (&host, deliver));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (fast),
    cmocka_unit_test (fast_with_less_than_reserved),
    cmocka_unit_test (slow_without_room),
    cmocka_unit_test (slow_without_terminator),
    cmocka_unit_test (refused),
    cmocka_unit_test (filled_to_the_end),
    cmocka_unit_test (host_has),
  };

  cmocka_set_message_output (CM_OUTPUT_TAP);
  return cmocka_run_group_tests_name ("abi", tests, NULL, NULL);
}
