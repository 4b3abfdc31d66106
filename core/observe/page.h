/* page.h - the page's files, as they lie in core/observe/page/; the live page serves them, the
 * report holds them. */
#ifndef PL_OBSERVE_PAGE_H
#define PL_OBSERVE_PAGE_H

#include <stddef.h>

enum
{
  PAGE_HTML,
  PAGE_CSS,
  PAGE_JS, /* all scripts, one behind the other */
  PAGE_ICON,
  PAGE_FILES
};

struct page_file
{
  const char *path; /* where it is served, "/page.css" */
  const char *type; /* MIME */
  const void *bytes;
  size_t size;
  const char *hash; /* of the bytes, as Content-Security-Policy names what it allows */
};

extern const struct page_file page_files[PAGE_FILES];

/* Where index.html loads the others; the report puts them there, and has no icon. */
#define PAGE_LOADS_CSS "<link rel=\"stylesheet\" href=\"page.css\">"
#define PAGE_LOADS_ICON "<link rel=\"icon\" href=\"icon.svg\">\n"
#define PAGE_LOADS_JS "<script src=\"page.js\" defer></script>"

#endif
