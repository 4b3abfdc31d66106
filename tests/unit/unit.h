/* unit.h - what the unit tests share. */
#ifndef PL_TESTS_UNIT_H
#define PL_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_MAIN(...) \
  int main (void) \
  { \
    const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
\
    cmocka_set_message_output (CM_OUTPUT_TAP); \
    return cmocka_run_group_tests (tests, NULL, NULL); \
  }

#endif
