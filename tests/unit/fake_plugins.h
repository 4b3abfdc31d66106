/* fake_plugins.h - plugins that are only tables, for tests of descriptors. */
#ifndef PL_TESTS_FAKE_PLUGINS_H
#define PL_TESTS_FAKE_PLUGINS_H

#include "lab/lab.h"

/* udp and tcp; echo, uppercase, count_s, and these with no use but tests: pipes (a stream without
 * a reset hook),
 * http (has a frame hook), repeat (times, an integer from 1 to 9 that must be
 * given), tune (style, one of low and high). */
extern const struct lab_plugins fake_plugins;

#endif
