#include "observe/page.h"

#include "core/observe/page/page_html.inc"
#include "core/observe/page/page_css.inc"
#include "core/observe/page/page_js.inc"
#include "core/observe/page/page_icon.inc"

const struct page_file page_files[PAGE_FILES] = {
  [PAGE_HTML] = { "/", "text/html; charset=utf-8", page_html, sizeof page_html, page_html_hash },
  [PAGE_CSS] = { "/page.css", "text/css; charset=utf-8", page_css, sizeof page_css, page_css_hash },
  [PAGE_JS]
  = { "/page.js", "text/javascript; charset=utf-8", page_js, sizeof page_js, page_js_hash },
  [PAGE_ICON] = { "/icon.svg", "image/svg+xml", page_icon, sizeof page_icon, page_icon_hash },
};
