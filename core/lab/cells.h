/* cells.h - how much room a character takes on a terminal. */
#ifndef PL_LAB_CELLS_H
#define PL_LAB_CELLS_H

#include <stdint.h>

enum
{
  CELLS_MARK = 0,   /* it is set on top of the letter before */
  CELLS_HIDDEN = -1 /* it has no look, or may do something to the terminal */
};

/* Cells of a terminal: 1 or 2, or one of those above; after Unicode 14. */
int cells_of (uint32_t code);

#endif
