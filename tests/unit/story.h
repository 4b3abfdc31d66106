/* story.h - what observers are told in their tests: runs with fixed times and addresses. */
#ifndef PL_TESTS_STORY_H
#define PL_TESTS_STORY_H

#include "observe/event.h"

#define MILLISECOND 1000000

/* One that begins at 2026-01-02 03:04:05 UTC, when the clock of its events is at 1 s. */
extern const struct scene story_tcp_scene, story_udp_scene;

/* "127.0.0.1", "::1"; NULL: not known. */
struct pl_address story_address (const char *number, uint16_t port);

/* Tells of an event that comes so many milliseconds after the beginning. */
void story_tell (struct observer *observer, int64_t ms, struct event event);

/* Bytes of an event. */
#define SAYS(text) .data = (const uint8_t *) (text), .size = sizeof (text) - 1

/* A client's sentence in upper case, as both sides tell it, to the end of the connection. */
void story_tcp (struct observer *observer);

/* Datagrams that meet everything that the link does, and a transform's notes: the server's side. */
void story_udp (struct observer *observer);

/* The end of the observer; fails the test where something could not be written. */
void story_end (struct observer *observer);

/* Calls a function with an observer's output path, and returns what it has written there. */
char *story_output (void (*tell) (const char *path), size_t *size);

/* Compares a text with the golden file of that name; with PROTOLAB_WRITE_GOLDEN=1 writes it. */
void story_golden (const char *name, const char *text, size_t size);

#endif
